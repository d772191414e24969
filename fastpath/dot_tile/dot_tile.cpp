#include "fastpath/dot_tile/dot_tile.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "fastpath/dot_tile/generator.h"
#include "fastpath/dot_tile/vector_ops.h"

namespace dfp16::fast {

int widest_lanes(Isa isa) {
    return isa >= Isa::avx512bw ? 32 : 16;
}

int largest_tile(Isa isa, int lanes, std::int64_t stride, bool pixels) {
    constexpr std::int64_t displacement = std::int64_t{1} << 31;
    int accumulators = 4;  // rows of 16 lanes
    if (isa == Isa::avx2) accumulators = 6;
    if (isa >= Isa::avx512bw) accumulators = 28;
    const int tile = accumulators * 16 / lanes - (pixels ? 1 : 0);  // a register for the order of pixels
    return stride == 0 ? tile : static_cast<int>(std::min<std::int64_t>(tile, 1 + (displacement - 1) / stride));
}

bool can_sum_short(Isa isa) {
    return isa >= Isa::avx512vnni;
}

bool can_have_runs(Isa isa, Policy policy) {
    return can_generate({.isa = isa, .policy = policy});
}

bool can_leave_out_zeros(Isa isa, Policy policy) {
    return policy == Policy::exact && can_have_runs(isa, policy);
}

bool can_read_pixels(Isa isa) {
    return isa >= Isa::avx512vnni;
}

bool can_end_in_mantissas(Isa isa) {
    return isa >= Isa::avx512bw;
}

DotTile dot_tile(const DotTileShape& shape) {
    if (!can_generate(shape)) return compiled_dot_tile(shape.isa, shape.policy);
    static std::mutex mutex;
    static std::map<DotTileShape, std::unique_ptr<GeneratedDotTile>> generated;
    const std::lock_guard lock(mutex);
    auto& entry = generated[shape];
    if (!entry) entry = generate_dot_tile(shape);
    return entry->entry();
}

}  // namespace dfp16::fast
