// The inner loop of every sum of products, for one shape of tile. Generated machine code where the ISA has instructions
// for it: a compiler spills accumulators of tiles this large.
#pragma once

#include <compare>
#include <cstdint>

#include "fastpath/dot_tile/dot_tile_arguments.h"
#include "fastpath/isa.h"
#include "sim/types/policy.h"

namespace dfp16::fast {

struct DotTileShape {
    Isa isa = Isa::portable;
    Policy policy = Policy::exact;
    int tile = 1;    ///< rows, at most largest_tile()
    int lanes = 16;  ///< 16, or widest_lanes()
    std::int64_t stride = 0;
    bool fresh = false;
    bool short_sums = false;  ///< of exact: INT32, which can_sum_short() says whether there is
    friend auto operator<=>(const DotTileShape&, const DotTileShape&) = default;
};

/// INT32 accumulators side by side: 32 or 16.
int widest_lanes(Isa isa);
/// The most rows whose accumulators stay in registers, and whose strides fit an instruction's displacement.
int largest_tile(Isa isa, int lanes, std::int64_t stride);
/// Whether there are kernels of the policy exact that sum chains in INT32 and say when that is not enough.
bool can_sum_short(Isa isa);
/// Generated at first use, then kept. Any thread may ask.
DotTile dot_tile(const DotTileShape& shape);

}  // namespace dfp16::fast
