// What a tensor's largest magnitude makes of its DFP-16 form (contract sections 2 and 6).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "sim/types/exponent.h"

namespace dfp16::fast {

/// M of contract section 2: mantissas stay within +-M.
constexpr std::int32_t mantissa_bound(int headroom) {
    return (std::int32_t{1} << (15 - headroom)) - 1;
}

/// The exponent of a tensor whose largest magnitude has these bits.
inline int exponent_of(std::uint32_t largest, int headroom) {
    return std::max(static_cast<int>(largest >> 23) - 127 - (14 - headroom), kExponentMin);
}

/// A bound on its mantissas. The product is exact, or below 1; rounding adds less than 1.
inline std::int32_t largest_mantissa_of(std::uint32_t largest, int exponent, int headroom) {
    const auto most = static_cast<std::int32_t>(std::ldexp(std::bit_cast<float>(largest), -exponent)) + 1;
    return std::min(most, mantissa_bound(headroom));
}

}  // namespace dfp16::fast
