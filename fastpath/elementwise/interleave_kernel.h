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

}  // namespace
}  // namespace dfp16::fast
