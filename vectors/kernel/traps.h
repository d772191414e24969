// In the child: signals and exit() of the kernel become a note in the control block.
#pragma once

#include "vectors/kernel/control.h"

namespace dfp16::kernel {

/// From now on a fatal signal, on a stack of its own, or a call of exit() fills `control`, tells the parent and ends
/// the process.
void catch_traps(Control& control);

}  // namespace dfp16::kernel
