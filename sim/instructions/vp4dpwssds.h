// Intel AVX512_4VNNIW: VP4DPWSSDS, 512 bits only.
#pragma once

#include <span>

#include "sim/accumulate.h"
#include "sim/instructions/instruction.h"

namespace dfp16 {

/// Four VPDPWSSDS in turn: pair m of a and b at step m, clamped after each.
inline Accumulator vp4dpwssds_lane(Accumulator c, std::span<const Mantissa> a, std::span<const Mantissa> b) {
    return saturate_sum(c, a, b);
}

inline constexpr Instruction vp4dpwssds{"vp4dpwssds", 4, true, vp4dpwssds_lane};

}  // namespace dfp16
