// Intel AVX512_4VNNIW: VP4DPWSSD, 512 bits only.
#pragma once

#include <span>

#include "sim/accumulate.h"
#include "sim/instructions/instruction.h"

namespace dfp16 {

/// Four VPDPWSSD in turn: pair m of a and b at step m.
inline Accumulator vp4dpwssd_lane(Accumulator c, std::span<const Mantissa> a, std::span<const Mantissa> b) {
    return wrap_sum(c, a, b);
}

inline constexpr Instruction vp4dpwssd{"vp4dpwssd", 4, true, vp4dpwssd_lane};

}  // namespace dfp16
