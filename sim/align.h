// Contract section 6: one operand of a DFP-16 addition, moved to the larger exponent.
#pragma once

#include "sim/round.h"
#include "sim/types/accumulator.h"
#include "sim/types/mantissa.h"

namespace dfp16 {

/// round(m * 2^-shift), shift >= 0 the distance to the larger exponent.
constexpr Accumulator align(Mantissa m, int shift, Rounding mode, std::uint32_t random) {
    return {static_cast<std::int32_t>(round_shift(m.value, shift, mode, random))};
}

}  // namespace dfp16
