// exp and log (contract section 10) and softmax cross-entropy (section 11), one row.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

/// exp(x) for x <= 0.
inline float exp_of(float x) {
    const float bounded = x < -87.0f ? -87.0f : x;
    const float turned = bounded * 1.44269504f + kMagic;
    const float n = turned - kMagic;
    float r = __builtin_fmaf(-n, 0x1.62e4p-1f, bounded);
    r = __builtin_fmaf(-n, 0x1.7f7d1cp-20f, r);
    float p = 1.0f / 5040.0f;
    p = __builtin_fmaf(p, r, 1.0f / 720.0f);
    p = __builtin_fmaf(p, r, 1.0f / 120.0f);
    p = __builtin_fmaf(p, r, 1.0f / 24.0f);
    p = __builtin_fmaf(p, r, 1.0f / 6.0f);
    p = __builtin_fmaf(p, r, 1.0f / 2.0f);
    p = __builtin_fmaf(p, r, 1.0f);
    p = __builtin_fmaf(p, r, 1.0f);
    const std::int32_t exponent = bits_of(turned) - bits_of(kMagic);  // -126 .. 0
    const float result = p * float_of((exponent + 127) << 23);
    return x < -87.0f ? 0.0f : result;
}

/// log(x) for finite x >= 1.
inline float log_of(float x) {
    std::int32_t k = (bits_of(x) >> 23) - 127;
    float m = float_of((bits_of(x) & 0x007FFFFF) | 0x3F800000);
    if (m > 0x1.6a09e6p0f) {
        m = m / 2.0f;
        k = k + 1;
    }
    const float f = m - 1.0f;
    const float t = f / (2.0f + f);
    const float u = t * t;
    float p = 2.0f / 9.0f;
    p = __builtin_fmaf(p, u, 2.0f / 7.0f);
    p = __builtin_fmaf(p, u, 2.0f / 5.0f);
    p = __builtin_fmaf(p, u, 2.0f / 3.0f);
    return __builtin_fmaf(static_cast<float>(k), 0.69314718f, __builtin_fmaf(t * u, p, t + t));
}

/// p = softmax(z); gives the loss of the row. z is finite.
float softmax_row_forward(const float* __restrict z, std::int64_t count, std::int64_t label, float* __restrict p) {
    float top = z[0];
    for (std::int64_t j = 1; j < count; ++j) top = z[j] > top ? z[j] : top;
    for (std::int64_t j = 0; j < count; ++j) p[j] = exp_of(z[j] - top);
    float sum = 0.0f;
    for (std::int64_t j = 0; j < count; ++j) sum = sum + p[j];
    for (std::int64_t j = 0; j < count; ++j) p[j] = p[j] / sum;
    return log_of(sum) - (z[label] - top);
}

void softmax_row_gradient(const float* __restrict p, std::int64_t count, std::int64_t label, float batch, float weight,
                          float* __restrict dz) {
    for (std::int64_t j = 0; j < count; ++j) dz[j] = ((p[j] - (j == label ? 1.0f : 0.0f)) / batch) * weight;
}

}  // namespace
}  // namespace dfp16::fast
