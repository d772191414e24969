// The inner loop of every sum of products, for one shape of tile. Generated machine code where the ISA has instructions
// for it: a compiler spills accumulators of tiles this large.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "fastpath/dot_tile/dot_tile_arguments.h"
#include "fastpath/isa.h"
#include "sim/types/policy.h"

namespace dfp16::fast {

/// Of exact: how chains become sums. Added one by one to INT64; or they go on from each other in INT32, where
/// can_sum_short() says that this is possible, and what they come to is added to INT64, or to INT32.
enum class Spill { each_chain, at_end, at_end_short };

/// How a tile ends that leaves mantissas instead of sums: of INT32 sums from zero, that of `wrap` or those spilled at
/// the end, short, where can_end_in_mantissas().
struct MantissaEnding {
    bool bias = false;
    bool relu = false;
    bool masked = false;
    friend auto operator<=>(const MantissaEnding&, const MantissaEnding&) = default;
};

struct DotTileShape {
    Isa isa = Isa::portable;
    Policy policy = Policy::exact;
    int tile = 1;    ///< rows, at most largest_tile()
    int lanes = 16;  ///< 16, or widest_lanes()
    std::int64_t stride = 0;
    /// Of generated code: rows come in runs of so many, run_stride bytes apart; 0: all in one.
    int run = 0;
    std::int64_t run_stride = 0;
    /// Of generated code: the most rows that pieces of chains leave out, the first or the last ones of each run, at
    /// most kMostEndRows and fewer than a run has. Without runs, all rows are one.
    int first_rows = 0;
    int last_rows = 0;
    bool fresh = false;
    bool fetches = false;  ///< of generated code, see DotTileArguments::fetch
    /// Of generated code, where can_read_pixels(): vectors are made of two pixels of 16 channels, [2][16], at vectors +
    /// their offset for each 16 lanes, in place of [lanes][2] in the order of the pairs. Chains have no gaps then.
    bool pixels = false;
    Spill spill = Spill::each_chain;
    std::optional<MantissaEnding> ending = std::nullopt;
    friend auto operator<=>(const DotTileShape&, const DotTileShape&) = default;
};

/// INT32 accumulators side by side: 32 or 16.
int widest_lanes(Isa isa);
/// The most rows whose accumulators stay in registers, and whose strides fit an instruction's displacement.
int largest_tile(Isa isa, int lanes, std::int64_t stride, bool pixels = false);
/// Whether there are kernels of the policy exact whose chains go on in INT32 and that say when that is not enough.
bool can_sum_short(Isa isa);
/// Whether rows may come in runs.
bool can_have_runs(Isa isa, Policy policy);
/// Whether chains may have gaps, so that zeros can be left out: of exact only, as the other policies number all pairs.
bool can_leave_out_zeros(Isa isa, Policy policy);
/// Whether vectors may be pixels.
bool can_read_pixels(Isa isa);
/// Whether there are kernels that leave mantissas.
bool can_end_in_mantissas(Isa isa);
/// Generated at first use, then kept. Any thread may ask.
DotTile dot_tile(const DotTileShape& shape);

}  // namespace dfp16::fast
