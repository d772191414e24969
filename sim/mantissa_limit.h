// Contract section 2: the range that a headroom leaves to mantissas.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/types/mantissa.h"

namespace dfp16 {

/// 2^(15 - headroom) - 1.
constexpr std::int64_t mantissa_limit(int headroom) {
    return (std::int64_t{1} << (15 - headroom)) - 1;
}

constexpr Mantissa clamp_mantissa(std::int64_t value, int headroom) {
    const std::int64_t limit = mantissa_limit(headroom);
    return {static_cast<std::int16_t>(std::clamp(value, -limit, limit))};
}

}  // namespace dfp16
