// From the sums of a tile to results.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fastpath/elementwise/kernels.h"
#include "fastpath/fma/fma_kernels.h"

namespace dfp16::fast {

/// Rows of a tile on any ISA, at most.
inline constexpr int kLargestFmaTile = 8;

struct alignas(64) FmaSums {
    float sums[kLargestFmaTile * kFmaLanes];
};

/// The size of the next tile of `left` rows, so that all are about equal.
inline int next_fma_tile(std::int64_t left, int largest) {
    const std::int64_t tiles = (left + largest - 1) / largest;
    return static_cast<int>((left + tiles - 1) / tiles);
}

/// Lanes that stand for nothing are not finite only where others are not, too.
inline bool all_finite(Isa isa, const float* sums, std::int64_t rows) {
    constexpr std::uint32_t kInfinity = 0x7F800000u;
    return kernels_of(isa).max_magnitude_fp32(sums, rows * kFmaLanes) < kInfinity;
}

/// `used` of 16 lanes, the others as zero.
inline void store_lanes(const float* sums, std::int64_t used, float* target) {
    std::copy_n(sums, used, target);
    std::fill(target + used, target + kFmaLanes, 0.0f);
}

}  // namespace dfp16::fast
