// Mantissas brought to a larger exponent (contract sections 6 and 8), flat.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

/// y = round(x * 2^-shift).
void align_flat(const std::int16_t* __restrict x, std::int64_t count, const ShiftRounding& rounding,
                const std::uint32_t* __restrict words, std::int16_t* __restrict y) {
    const ShiftRounding r = rounding;
    if (words == nullptr) {
        for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<std::int16_t>(shift_round(x[i], r));
    } else {
        for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<std::int16_t>(shift_round(x[i], r, words[i]));
    }
}

}  // namespace
}  // namespace dfp16::fast
