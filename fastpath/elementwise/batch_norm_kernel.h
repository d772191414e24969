// Batch norm (contract section 9), over pixels of 16 channels.
#pragma once

#include "fastpath/elementwise/kernel_math.h"
#include "fastpath/elementwise/relu_kernel.h"

namespace dfp16::fast {
namespace {

/// The sums of one image, in pixel order, and the extremes. pixels >= 1.
void batch_norm_sums_pixels(const float* __restrict x, std::int64_t pixels, BatchNormSums* __restrict sums) {
    float sum[kLanes] = {};
    float square[kLanes] = {};
    float low[kLanes];
    float high[kLanes];
    for (int c = 0; c < kLanes; ++c) low[c] = high[c] = x[c];
    for (std::int64_t p = 0; p < pixels; ++p) {
        for (int c = 0; c < kLanes; ++c) {
            const float v = x[p * kLanes + c];
            sum[c] = sum[c] + v;
            square[c] = __builtin_fmaf(v, v, square[c]);
            low[c] = v < low[c] ? v : low[c];
            high[c] = v > high[c] ? v : high[c];
        }
    }
    for (int c = 0; c < kLanes; ++c) {
        sums->sum[c] = sum[c];
        sums->square[c] = square[c];
        sums->low[c] = low[c];
        sums->high[c] = high[c];
    }
}

template <bool kRelu>
void affine_loop(const float* __restrict x, std::int64_t pixels, const float* __restrict scale,
                 const float* __restrict shift, float* __restrict y) {
    for (std::int64_t p = 0; p < pixels; ++p) {
        for (int c = 0; c < kLanes; ++c) {
            const float v = __builtin_fmaf(x[p * kLanes + c], scale[c], shift[c]);
            y[p * kLanes + c] = kRelu ? relu_of(v) : v;
        }
    }
}

void affine_pixels(const float* x, std::int64_t pixels, const float* scale, const float* shift, bool relu, float* y) {
    relu ? affine_loop<true>(x, pixels, scale, shift, y) : affine_loop<false>(x, pixels, scale, shift, y);
}

/// Products of 2^30 are split into a signed upper and an unsigned lower half of 16 bits: INT32 holds 32768 of each.
void batch_norm_products_pixels(const std::int16_t* __restrict dy, const std::int16_t* __restrict x,
                                std::int64_t pixels, std::int64_t* __restrict sums, std::int64_t* __restrict products) {
    constexpr std::int64_t kSpill = 32768;
    for (std::int64_t first = 0; first < pixels; first += kSpill) {
        const std::int64_t end = pixels - first < kSpill ? pixels : first + kSpill;
        std::int32_t sum[kLanes] = {};
        std::int32_t upper[kLanes] = {};
        std::int32_t lower[kLanes] = {};
        for (std::int64_t p = first; p < end; ++p) {
            for (int c = 0; c < kLanes; ++c) {
                const std::int32_t gradient = dy[p * kLanes + c];
                const std::int32_t product = gradient * x[p * kLanes + c];
                sum[c] += gradient;
                upper[c] += product >> 16;
                lower[c] += product & 0xFFFF;
            }
        }
        for (int c = 0; c < kLanes; ++c) {
            sums[c] += sum[c];
            products[c] += std::int64_t{upper[c]} * 65536 + lower[c];
        }
    }
}

template <bool kRelu>
void batch_norm_gradient_loop(const BatchNormGradient& gradient, std::int64_t pixels, float* __restrict dx) {
    const std::int16_t* __restrict dy = gradient.dy;
    const std::int16_t* __restrict x = gradient.x;
    const float* __restrict a = gradient.a;
    const float* __restrict b = gradient.b;
    const float* __restrict c = gradient.c;
    const float dy_scale = gradient.dy_scale;
    const float x_scale = gradient.x_scale;
    for (std::int64_t p = 0; p < pixels; ++p) {
        for (int lane = 0; lane < kLanes; ++lane) {
            const float dy_value = static_cast<float>(dy[p * kLanes + lane]) * dy_scale;
            const float x_value = static_cast<float>(x[p * kLanes + lane]) * x_scale;
            const float v = __builtin_fmaf(dy_value, a[lane], __builtin_fmaf(x_value, b[lane], c[lane]));
            dx[p * kLanes + lane] = kRelu ? relu_of(v) : v;
        }
    }
}

void batch_norm_gradient_pixels(const BatchNormGradient& gradient, std::int64_t pixels, bool relu, float* dx) {
    relu ? batch_norm_gradient_loop<true>(gradient, pixels, dx) : batch_norm_gradient_loop<false>(gradient, pixels, dx);
}

}  // namespace
}  // namespace dfp16::fast
