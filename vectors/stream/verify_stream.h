// A stream of cases with answers, checked against golden.
#pragma once

#include "vectors/stream/stream_reader.h"
#include "vectors/verify.h"

namespace dfp16 {

/// Checks every case that the stream has. `name` is what messages and the report call it. Of the options, progress,
/// stop and on_failure count. Throws InputError where the reader and golden do.
VerifyReport verify_stream(StreamReader& reader, const std::string& name, Backend& golden,
                           const VerifyOptions& options);

}  // namespace dfp16
