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

template <bool kMask>
std::uint32_t add_to_mantissas_loop(const AddToMantissas& sums, std::int64_t count) {
    const AddToMantissas in = sums;
    const std::int16_t* __restrict fixed = in.fixed;
    const std::int16_t* __restrict aligned = in.aligned;
    const std::int16_t* __restrict mask = in.mask;
    std::int16_t* __restrict y = in.y;
    const std::int32_t floor = in.relu ? 0 : -0x7FFFFFFF;
    std::int32_t low = 0;
    std::int32_t high = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int32_t sum = fixed[i] + shift_round_direct(aligned[i], in.alignment);
        const std::int32_t v = sum < floor ? floor : sum;
        low = v < low ? v : low;
        high = v > high ? v : high;
        const std::int32_t mantissa = clamp_to(shift_round_direct(v, in.rounding), in.limit);
        y[i] = static_cast<std::int16_t>(!kMask || mask[i] > 0 ? mantissa : 0);
    }
    return static_cast<std::uint32_t>(high > -low ? high : -low);
}

std::uint32_t add_to_mantissas_flat(const AddToMantissas& sums, std::int64_t count) {
    return sums.mask != nullptr ? add_to_mantissas_loop<true>(sums, count) : add_to_mantissas_loop<false>(sums, count);
}

}  // namespace
}  // namespace dfp16::fast
