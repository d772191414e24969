// Contract section 5: the 64-bit shadow of INT32 accumulation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "sim/types/mantissa.h"

namespace dfp16 {

/// What became of one output's INT32 sums.
struct OutputOverflow {
    std::int64_t first_pair = -1;  ///< number of the first pair after which a partial sum left INT32; -1: none
    std::int64_t largest_magnitude = 0;

    /// 31 - bitlen(largest magnitude): how many more bits would fit.
    int margin() const;
};

/// Follows the chains of one list (chains of at most `chain` pairs, each from zero); `pairs_before` counts those of the
/// output's earlier lists.
void follow(OutputOverflow& output, std::span<const Mantissa> a, std::span<const Mantissa> b, std::int64_t chain,
            std::int64_t pairs_before);

/// The same for one layer and pass: outputs seen and overflowed, the smallest margin, and the first overflow.
struct OverflowSummary {
    std::int64_t outputs = 0;
    std::int64_t overflowed = 0;
    int smallest_margin = 31;
    std::int64_t first_output = -1;  ///< index of the first output that overflowed
    std::int64_t first_pair = -1;

    void add(std::int64_t output_index, const OutputOverflow& output);
    /// Outputs that a certificate vouches for: none overflows; `largest_magnitude` bounds all their partial sums.
    void add_certified(std::int64_t count, std::int64_t largest_magnitude);
    void merge(const OverflowSummary& other);
};

}  // namespace dfp16
