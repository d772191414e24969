// Intel SDM volume 2: VPDPWSSD.
#pragma once

#include <span>

#include "sim/accumulate.h"
#include "sim/instructions/instruction.h"

namespace dfp16 {

/// (c + a0*b0 + a1*b1) mod 2^32.
inline Accumulator vpdpwssd_lane(Accumulator c, std::span<const Mantissa> a, std::span<const Mantissa> b) {
    return wrap_sum(c, a, b);
}

inline constexpr Instruction vpdpwssd{"vpdpwssd", 1, true, vpdpwssd_lane};

}  // namespace dfp16
