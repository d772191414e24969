// Bias and its gradient (contract section 8), over pixels.
#pragma once

#include "fastpath/elementwise/kernel_math.h"
#include "fastpath/elementwise/relu_kernel.h"

namespace dfp16::fast {
namespace {

template <bool kRelu>
void bias_loop(const float* __restrict x, std::int64_t pixels, const float* __restrict bias, float* __restrict y) {
    for (std::int64_t p = 0; p < pixels; ++p) {
        for (int c = 0; c < kLanes; ++c) {
            const float sum = x[p * kLanes + c] + bias[c];
            y[p * kLanes + c] = kRelu ? relu_of(sum) : sum;
        }
    }
}

void bias_pixels(const float* x, std::int64_t pixels, const float* bias, bool relu, float* y) {
    relu ? bias_loop<true>(x, pixels, bias, y) : bias_loop<false>(x, pixels, bias, y);
}

void channel_sums_pixels(const std::int16_t* x, std::int64_t pixels, std::int64_t* sums) {
    constexpr std::int64_t kSpill = 65536;  // as many mantissas as INT32 holds for sure
    for (std::int64_t first = 0; first < pixels; first += kSpill) {
        const std::int64_t end = pixels - first < kSpill ? pixels : first + kSpill;
        std::int32_t partial[kLanes] = {};
        for (std::int64_t p = first; p < end; ++p) {
            for (int c = 0; c < kLanes; ++c) partial[c] += x[p * kLanes + c];
        }
        for (int c = 0; c < kLanes; ++c) sums[c] += partial[c];
    }
}

/// Pixel after pixel, from 0.
void channel_sums_fp32_pixels(const float* __restrict x, std::int64_t pixels, float* __restrict sums) {
    float sum[kLanes] = {};
    for (std::int64_t p = 0; p < pixels; ++p) {
        for (int c = 0; c < kLanes; ++c) sum[c] = sum[c] + x[p * kLanes + c];
    }
    for (int c = 0; c < kLanes; ++c) sums[c] = sum[c];
}

}  // namespace
}  // namespace dfp16::fast
