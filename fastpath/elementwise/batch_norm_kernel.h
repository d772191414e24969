// Batch norm (contract section 9), over pixels of 16 channels.
#pragma once

#include "fastpath/elementwise/kernel_math.h"
#include "fastpath/elementwise/relu_kernel.h"

namespace dfp16::fast {
namespace {

/// The upper and the unsigned lower half of products, summed apart: INT32 holds 32768 of each.
constexpr std::int64_t kHalvesSpill = 32768;

/// With kExtremes, those of m too.
template <bool kExtremes>
void add_block(const std::int16_t* __restrict m, const std::int16_t* __restrict factor, std::int64_t pixels,
               BlockSums* __restrict sums) {
    std::int32_t low[kLanes];
    std::int32_t high[kLanes];
    for (int c = 0; c < kLanes; ++c) {
        low[c] = sums->low[c];
        high[c] = sums->high[c];
    }
    for (std::int64_t first = 0; first < pixels; first += kHalvesSpill) {
        const std::int64_t end = pixels - first < kHalvesSpill ? pixels : first + kHalvesSpill;
        std::int32_t sum[kLanes] = {};
        std::int32_t upper[kLanes] = {};
        std::int32_t lower[kLanes] = {};
        for (std::int64_t p = first; p < end; ++p) {
            for (int c = 0; c < kLanes; ++c) {
                const std::int32_t v = m[p * kLanes + c];
                const std::int32_t product = v * factor[p * kLanes + c];
                sum[c] += v;
                upper[c] += product >> 16;
                lower[c] += product & 0xFFFF;
                if (!kExtremes) continue;
                low[c] = v < low[c] ? v : low[c];
                high[c] = v > high[c] ? v : high[c];
            }
        }
        for (int c = 0; c < kLanes; ++c) {
            sums->sum[c] += sum[c];
            sums->product[c] += std::int64_t{upper[c]} * 65536 + lower[c];
        }
    }
    for (int c = 0; c < kLanes; ++c) {
        sums->low[c] = static_cast<std::int16_t>(low[c]);
        sums->high[c] = static_cast<std::int16_t>(high[c]);
    }
}

void block_sums_pixels(const std::int16_t* m, std::int64_t pixels, BlockSums* sums) {
    add_block<true>(m, m, pixels, sums);
}

void block_products_pixels(const std::int16_t* m, const std::int16_t* factor, std::int64_t pixels, BlockSums* sums) {
    add_block<false>(m, factor, pixels, sums);
}

template <bool kRelu>
void affine_loop(const std::int16_t* __restrict x, float x_scale, std::int64_t pixels, const float* __restrict scale,
                 const float* __restrict shift, float* __restrict y) {
    for (std::int64_t p = 0; p < pixels; ++p) {
        for (int c = 0; c < kLanes; ++c) {
            const float v = __builtin_fmaf(static_cast<float>(x[p * kLanes + c]) * x_scale, scale[c], shift[c]);
            y[p * kLanes + c] = kRelu ? relu_of(v) : v;
        }
    }
}

void affine_pixels(const std::int16_t* x, float x_scale, std::int64_t pixels, const float* scale, const float* shift,
                   bool relu, float* y) {
    relu ? affine_loop<true>(x, x_scale, pixels, scale, shift, y)
         : affine_loop<false>(x, x_scale, pixels, scale, shift, y);
}

template <bool kRelu>
void affine_to_mantissas_loop(const std::int16_t* __restrict x, float x_scale, std::int64_t pixels,
                              const float* __restrict scale, const float* __restrict shift, const ToMantissas& to,
                              std::int16_t* __restrict y) {
    const ToMantissas t = to;
    for (std::int64_t p = 0; p < pixels; ++p) {
        for (int c = 0; c < kLanes; ++c) {
            const float v = __builtin_fmaf(static_cast<float>(x[p * kLanes + c]) * x_scale, scale[c], shift[c]);
            y[p * kLanes + c] = mantissa_of(kRelu ? relu_of(v) : v, t);
        }
    }
}

void affine_to_mantissas_pixels(const std::int16_t* x, float x_scale, std::int64_t pixels, const float* scale,
                                const float* shift, bool relu, const ToMantissas& to, std::int16_t* y) {
    relu ? affine_to_mantissas_loop<true>(x, x_scale, pixels, scale, shift, to, y)
         : affine_to_mantissas_loop<false>(x, x_scale, pixels, scale, shift, to, y);
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

std::uint32_t batch_norm_gradient_to_mantissas_pixels(const BatchNormGradient& gradient, std::int64_t pixels,
                                                      const ToMantissas& to, std::int16_t* __restrict dx) {
    const BatchNormGradient g = gradient;
    const std::int16_t* __restrict dy = g.dy;
    const std::int16_t* __restrict x = g.x;
    const float* __restrict a = g.a;
    const float* __restrict b = g.b;
    const float* __restrict c = g.c;
    const ToMantissas t = to;
    std::int32_t largest[kLanes] = {};
    for (std::int64_t p = 0; p < pixels; ++p) {
        for (int lane = 0; lane < kLanes; ++lane) {
            const float dy_value = static_cast<float>(dy[p * kLanes + lane]) * g.dy_scale;
            const float x_value = static_cast<float>(x[p * kLanes + lane]) * g.x_scale;
            const float v = __builtin_fmaf(dy_value, a[lane], __builtin_fmaf(x_value, b[lane], c[lane]));
            const std::int32_t magnitude = bits_of(v) & 0x7FFFFFFF;
            largest[lane] = magnitude > largest[lane] ? magnitude : largest[lane];
            dx[p * kLanes + lane] = mantissa_of(v, t);
        }
    }
    std::int32_t of_all = 0;
    for (int lane = 0; lane < kLanes; ++lane) of_all = largest[lane] > of_all ? largest[lane] : of_all;
    return static_cast<std::uint32_t>(of_all);
}

void batch_norm_gradient_pixels(const BatchNormGradient& gradient, std::int64_t pixels, bool relu, float* dx) {
    relu ? batch_norm_gradient_loop<true>(gradient, pixels, dx) : batch_norm_gradient_loop<false>(gradient, pixels, dx);
}

}  // namespace
}  // namespace dfp16::fast
