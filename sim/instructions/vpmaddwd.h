// Intel SDM volume 2: VPMADDWD.
#pragma once

#include <span>

#include "sim/accumulate.h"
#include "sim/instructions/instruction.h"

namespace dfp16 {

/// (a0*b0 + a1*b1) mod 2^32. (-32768 * -32768) * 2 is the one case that wraps.
inline Accumulator vpmaddwd_lane(Accumulator, std::span<const Mantissa> a, std::span<const Mantissa> b) {
    return wrap_sum({0}, a, b);
}

inline constexpr Instruction vpmaddwd{"vpmaddwd", 1, false, vpmaddwd_lane};

}  // namespace dfp16
