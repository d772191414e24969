// In the child: a library, loaded and checked.
#pragma once

#include <string>

#include "vectors/kernel/control.h"

namespace dfp16::kernel {

/// Loads the library and fills the control block's catalog. A null pointer, and `text`, if it cannot be used.
const dfp16_kernel_library* load(const std::string& path, Control& control);

}  // namespace dfp16::kernel
