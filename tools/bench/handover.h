// How far apart the cores of two threads are.
#pragma once

#include "tools/bench/record.h"

namespace dfp16::bench {

/// machine.handover: nanoseconds that a cache line takes from one thread to another and back, `rounds` times. About 100
/// where both cores share a third-level cache, several times that where they do not; a virtual machine's cores may
/// change.
Record measure_handover(int rounds);

}  // namespace dfp16::bench
