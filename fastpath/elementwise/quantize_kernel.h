// quantize (contract section 6), flat.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

std::uint32_t max_magnitude_fp32(const float* x, std::int64_t count) {
    std::int32_t largest = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int32_t magnitude = bits_of(x[i]) & 0x7FFFFFFF;
        largest = magnitude > largest ? magnitude : largest;
    }
    return static_cast<std::uint32_t>(largest);
}

void quantize_nearest(const float* __restrict x, std::int64_t count, float scale, std::int32_t limit,
                      std::int16_t* __restrict y) {
    for (std::int64_t i = 0; i < count; ++i) {
        y[i] = static_cast<std::int16_t>(clamp_to(nearest_integer(x[i] * scale), limit));
    }
}

void quantize_toward_zero(const float* __restrict x, std::int64_t count, float scale, std::int32_t limit,
                          std::int16_t* __restrict y) {
    for (std::int64_t i = 0; i < count; ++i) {
        y[i] = static_cast<std::int16_t>(clamp_to(integer_part(x[i] * scale), limit));
    }
}

void quantize_stochastic(const float* __restrict x, std::int64_t count, float scale, std::int32_t limit,
                         const std::uint32_t* __restrict words, std::int16_t* __restrict y) {
    for (std::int64_t i = 0; i < count; ++i) {
        const float v = x[i] * scale;
        const float unlimited = float_of(bits_of(v) & 0x7FFFFFFF);
        const float magnitude = unlimited < kBeyondMantissas ? unlimited : kBeyondMantissas;
        const auto f = static_cast<std::int32_t>(magnitude);
        // The fraction's first 32 bits in two halves: both conversions stay signed, every step is exact.
        const float upper = (magnitude - static_cast<float>(f)) * 65536.0f;
        const auto high = static_cast<std::int32_t>(upper);
        const auto low = static_cast<std::int32_t>((upper - static_cast<float>(high)) * 65536.0f);
        const std::uint32_t t = (static_cast<std::uint32_t>(high) << 16) | static_cast<std::uint32_t>(low);
        const std::int32_t result = f + (below(words[i], t) ? 1 : 0);
        y[i] = static_cast<std::int16_t>(clamp_to(bits_of(v) < 0 ? -result : result, limit));
    }
}

/// scale = 2^-e. The product is inexact only below the normal numbers, and there every mode gives 0.
void quantize_flat(const float* x, std::int64_t count, float scale, std::int32_t limit, FloatRounding rounding,
                   const std::uint32_t* words, std::int16_t* y) {
    switch (rounding) {
        case FloatRounding::nearest_even: return quantize_nearest(x, count, scale, limit, y);
        case FloatRounding::toward_zero: return quantize_toward_zero(x, count, scale, limit, y);
        case FloatRounding::stochastic: return quantize_stochastic(x, count, scale, limit, words, y);
    }
}

}  // namespace
}  // namespace dfp16::fast
