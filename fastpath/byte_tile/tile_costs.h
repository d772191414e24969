// What byte tiles and dot tiles take of a core for 16 by 16 sums, in arbitrary units (0.3 ns): measured on a Xeon with
// AMX whose other machines were partly at work, which costs byte tiles more (idle: a step 95, a pair 9; busy: 250, 13).
#pragma once

#include <cstdint>

namespace dfp16::fast {

inline constexpr std::int64_t kStepCost = 138;     ///< of a byte tile
inline constexpr std::int64_t kByteEndCost = 334;  ///< from its sums of bytes to sums or results
inline constexpr std::int64_t kPairCost = 11;      ///< of a dot tile
inline constexpr std::int64_t kDotEndCost = 37;

/// Whether byte tiles are the faster way by more than a tenth: else dot tiles, whose time depends less on others.
constexpr bool favours_byte_tiles(std::int64_t byte_cost, std::int64_t dot_cost) {
    return 11 * byte_cost < 10 * dot_cost;
}

}  // namespace dfp16::fast
