// down-convert (contract section 6), flat.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

std::uint32_t max_magnitude_int32(const std::int32_t* v, std::int64_t count) {
    std::int32_t low = 0;
    std::int32_t high = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        low = v[i] < low ? v[i] : low;
        high = v[i] > high ? v[i] : high;
    }
    const std::uint32_t below_zero = magnitude_of(low);
    const std::uint32_t above_zero = magnitude_of(high);
    return below_zero > above_zero ? below_zero : above_zero;
}

void down_convert_flat(const std::int32_t* __restrict v, std::int64_t count, const ShiftRounding& rounding,
                       std::int32_t limit, const std::uint32_t* __restrict words, std::int16_t* __restrict y) {
    const ShiftRounding r = rounding;
    if (words == nullptr && r.direct) {
        for (std::int64_t i = 0; i < count; ++i) {
            y[i] = static_cast<std::int16_t>(clamp_to(shift_round_direct(v[i], r), limit));
        }
    } else if (words == nullptr) {
        for (std::int64_t i = 0; i < count; ++i) {
            y[i] = static_cast<std::int16_t>(clamp_to(shift_round(v[i], r), limit));
        }
    } else {
        for (std::int64_t i = 0; i < count; ++i) {
            y[i] = static_cast<std::int16_t>(clamp_to(shift_round(v[i], r, words[i]), limit));
        }
    }
}

std::uint32_t sums_to_mantissas_flat(const SumsToMantissas& sums, std::int64_t count) {
    const SumsToMantissas in = sums;
    down_convert_flat(in.v, count, in.rounding, in.limit, nullptr, in.y);
    for (std::int64_t i = 0; i < count && in.mask != nullptr; ++i) {
        if (in.mask[i] <= 0) in.y[i] = 0;
    }
    return max_magnitude_int32(in.v, count);
}

}  // namespace
}  // namespace dfp16::fast
