// In the child: signals and exit() of the kernel become a note in the control block.
#pragma once

#include "vectors/kernel/control.h"

namespace dfp16::kernel {

/// Sends one byte to the other side; false if it is gone.
bool send_signal(int socket, Signal signal);

/// From now on a fatal signal, on a stack of its own, or a call of exit() fills `control`, tells `socket` and ends the
/// process.
void catch_traps(Control& control, int socket);

}  // namespace dfp16::kernel
