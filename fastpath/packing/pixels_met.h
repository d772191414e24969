// A 1x1 convolution with strides but without padding meets one pixel of several: it is a pointwise one of a copy of
// those.
#pragma once

#include <cstdint>

#include "fastpath/packing/pointwise_row.h"
#include "reference/interface/operation.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::fast {

inline ConvParams pointwise_of_pixels_met(ConvParams conv) {
    conv.H = conv.P;
    conv.W = conv.Q;
    conv.stride = {1, 1};
    return conv;
}

inline bool meets_some_pixels(const ConvParams& conv) {
    return !is_pointwise(conv) && is_pointwise(pointwise_of_pixels_met(conv));
}

/// From `planes` blocks of 16 channels of an image, [planes][H][W][16], to [planes][P][Q][16].
void copy_pixels_met(ThreadPool& pool, const ConvParams& conv, std::int64_t planes, const std::int16_t* x,
                     std::int16_t* met);

}  // namespace dfp16::fast
