// Local response normalization across channels (contract section 8), over the pixels of one image.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

/// m^2 of all channels of a pixel, exact. What lies on both sides stays zero.
inline void squares_of_pixel(const LrnImage& g, const std::int16_t* x, double* squares) {
    for (std::int64_t block = 0; block < g.blocks; ++block) {
        const std::int16_t* m = x + block * g.block_step;
        double* square = squares + g.reach + block * kLanes;
        for (int c = 0; c < kLanes; ++c) square[c] = static_cast<double>(std::int32_t{m[c]} * std::int32_t{m[c]});
    }
}

/// s of the 16 channels whose windows start at `squares`. Every sum is below 2^53.
inline void denominators(const LrnImage& g, const double* squares, float* __restrict s) {
    double sum[kLanes] = {};
    for (std::int64_t j = 0; j <= 2 * g.reach; ++j) {
        for (int c = 0; c < kLanes; ++c) sum[c] += squares[j + c];
    }
    for (int c = 0; c < kLanes; ++c) s[c] = __builtin_fmaf(g.a, static_cast<float>(sum[c] * g.square_scale), g.k);
}

inline float power_of_three_quarters(float s) {
    const float root = __builtin_sqrtf(s);
    return root * __builtin_sqrtf(root);
}

inline std::int32_t largest_bits(const float* s, std::int32_t largest) {
    for (int c = 0; c < kLanes; ++c) {
        const std::int32_t bits = bits_of(s[c]) & 0x7FFFFFFF;
        largest = bits > largest ? bits : largest;
    }
    return largest;
}

std::uint32_t lrn_forward_pixels(const LrnImage& image, const std::int16_t* __restrict x, std::int64_t pixels,
                                 double* __restrict squares, float* __restrict y) {
    const LrnImage g = image;
    std::int32_t largest = 0;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
        squares_of_pixel(g, x + pixel * kLanes, squares);
        for (std::int64_t block = 0; block < g.blocks; ++block) {
            const std::int64_t place = block * g.block_step + pixel * kLanes;
            float s[kLanes];
            denominators(g, squares + block * kLanes, s);
            largest = largest_bits(s, largest);
            for (int c = 0; c < kLanes; ++c) {
                y[place + c] = (static_cast<float>(x[place + c]) * g.x_scale) / power_of_three_quarters(s[c]);
            }
        }
    }
    return static_cast<std::uint32_t>(largest);
}

std::uint32_t lrn_backward_pixels(const LrnImage& image, const std::int16_t* __restrict x,
                                  const std::int16_t* __restrict dy, std::int64_t pixels, double* __restrict squares,
                                  float* __restrict terms, float* __restrict dx) {
    const LrnImage g = image;
    std::int32_t largest = 0;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
        squares_of_pixel(g, x + pixel * kLanes, squares);
        for (std::int64_t block = 0; block < g.blocks; ++block) {
            const std::int64_t place = block * g.block_step + pixel * kLanes;
            float s[kLanes];
            denominators(g, squares + block * kLanes, s);
            largest = largest_bits(s, largest);
            float* t = terms + g.reach + block * kLanes;
            for (int c = 0; c < kLanes; ++c) {
                const float d = power_of_three_quarters(s[c]);
                const float value = static_cast<float>(x[place + c]) * g.x_scale;
                const float gradient = static_cast<float>(dy[place + c]) * g.dy_scale;
                t[c] = (gradient * value) / (d * s[c]);
                dx[place + c] = gradient / d;
            }
        }
        for (std::int64_t c = g.channels; c < g.blocks * kLanes; ++c) terms[g.reach + c] = 0.0f;
        for (std::int64_t block = 0; block < g.blocks; ++block) {
            const std::int64_t place = block * g.block_step + pixel * kLanes;
            const float* t = terms + block * kLanes;
            float u[kLanes] = {};
            for (std::int64_t j = 0; j <= 2 * g.reach; ++j) {
                for (int c = 0; c < kLanes; ++c) u[c] = u[c] + t[j + c];
            }
            for (int c = 0; c < kLanes; ++c) {
                const float value = static_cast<float>(x[place + c]) * g.x_scale;
                dx[place + c] = __builtin_fmaf(-(g.b * value), u[c], dx[place + c]);
            }
        }
        const std::int64_t last = (g.blocks - 1) * g.block_step + pixel * kLanes;
        for (std::int64_t c = g.channels - (g.blocks - 1) * kLanes; c < kLanes; ++c) dx[last + c] = 0.0f;
    }
    return static_cast<std::uint32_t>(largest);
}

}  // namespace
}  // namespace dfp16::fast
