// A simulator, or anything else that answers cases as lines of text (docs/streams.md), as a backend.
#pragma once

#include <memory>
#include <string>

#include "reference/interface/backend.h"

namespace dfp16 {

/// Runs one-operation graphs. `shell_command` is started (by /bin/sh) with the first case; header and cases go to its
/// standard input, its answers come from its standard output, and its standard error is that of this process. name() is
/// "pipe", isa() the base name of the command's first word. Plan::run() throws KernelFault: hang if a case has no
/// answer within `timeout_seconds` (the command is killed), crash or failed if the command ends before its answer or
/// says `fail`, input_changed if what it copies is not what it got, malformed for an answer that cannot be read. The
/// next case then starts the command anew. UnsupportedOperation if it says `skip`. InputError if no process can be
/// started.
std::unique_ptr<Backend> make_pipe_backend(const std::string& shell_command, double timeout_seconds);

}  // namespace dfp16
