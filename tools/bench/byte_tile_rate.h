// How fast the cores of a CPU with AMX sum byte tiles at this moment.
#pragma once

#include "reference/interface/thread_pool.h"
#include "tools/bench/record.h"

namespace dfp16::bench {

/// machine.byte_tiles: 10^9 products of INT16 a second and core, of operands in a first-level cache, in `rounds` rounds
/// of some moments each. Where another machine computes on the cores' other hardware threads, a third of what it is
/// where these are idle. The CPU has ISA amx.
Record measure_byte_tile_rate(ThreadPool& pool, int rounds);

}  // namespace dfp16::bench
