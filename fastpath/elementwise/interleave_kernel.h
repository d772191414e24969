// Plain planes to pixels of 16 channels.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

void interleave_channels_pixels(const float* __restrict x, std::int64_t channel_step, std::int64_t channels,
                                std::int64_t pixels, float* __restrict y) {
    for (std::int64_t i = 0; i < pixels * kLanes; ++i) y[i] = 0.0f;
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t p = 0; p < pixels; ++p) y[p * kLanes + c] = x[c * channel_step + p];
    }
}

void quantize_channels_pixels(const float* __restrict x, std::int64_t channel_step, std::int64_t channels,
                              std::int64_t pixels, float scale, std::int32_t limit, std::int16_t* __restrict y) {
    for (std::int64_t i = 0; i < pixels * kLanes; ++i) y[i] = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t p = 0; p < pixels; ++p) {
            const std::int32_t mantissa = nearest_integer(x[c * channel_step + p] * scale);
            y[p * kLanes + c] = static_cast<std::int16_t>(clamp_to(mantissa, limit));
        }
    }
}

}  // namespace
}  // namespace dfp16::fast
