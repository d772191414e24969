// The child process: loads the library and does what the control block says, as long as the parent lives.
#pragma once

#include <string>

#include "vectors/kernel/arena.h"
#include "vectors/kernel/control.h"

namespace dfp16::kernel {

/// Called right after fork(); never returns.
[[noreturn]] void work(const std::string& library, Control& control, const Arena& arena);

}  // namespace dfp16::kernel
