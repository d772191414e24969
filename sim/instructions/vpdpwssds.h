// Intel SDM volume 2: VPDPWSSDS.
#pragma once

#include <span>

#include "sim/accumulate.h"
#include "sim/instructions/instruction.h"

namespace dfp16 {

/// clamp(c + a0*b0 + a1*b1) to INT32, the sum formed without bounds.
inline Accumulator vpdpwssds_lane(Accumulator c, std::span<const Mantissa> a, std::span<const Mantissa> b) {
    return saturate_sum(c, a, b);
}

inline constexpr Instruction vpdpwssds{"vpdpwssds", 1, true, vpdpwssds_lane};

}  // namespace dfp16
