// The sums of add, before its down-conversion (contract section 6), flat.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

/// v = fixed + round(aligned * 2^-shift); negative sums become 0 with relu.
void add_flat(const std::int16_t* __restrict fixed, const std::int16_t* __restrict aligned, std::int64_t count,
              const ShiftRounding& rounding, const std::uint32_t* __restrict words, bool relu,
              std::int32_t* __restrict v) {
    const ShiftRounding r = rounding;
    const std::int32_t floor = relu ? 0 : -0x7FFFFFFF;
    if (words == nullptr && r.direct) {
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int32_t sum = fixed[i] + shift_round_direct(aligned[i], r);
            v[i] = sum < floor ? floor : sum;
        }
    } else if (words == nullptr) {
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int32_t sum = fixed[i] + shift_round(aligned[i], r);
            v[i] = sum < floor ? floor : sum;
        }
    } else {
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int32_t sum = fixed[i] + shift_round(aligned[i], r, words[i]);
            v[i] = sum < floor ? floor : sum;
        }
    }
}

}  // namespace
}  // namespace dfp16::fast
