// Pointwise convolutions (1x1, stride 1, no padding) know no rows: an image may be cut into any.
#pragma once

#include <array>
#include <cstdint>

#include "reference/interface/operation.h"

namespace dfp16::fast {

inline bool is_pointwise(const ConvParams& conv) {
    return conv.R == 1 && conv.S == 1 && conv.stride == std::array<std::int64_t, 2>{1, 1} &&
           conv.pad == std::array<std::int64_t, 2>{0, 0};
}

/// The longest row, of at most 448 pixels, of which an image of `pixels` is a multiple; even if there is a long one.
inline std::int64_t pointwise_row(std::int64_t pixels) {
    constexpr std::int64_t longest = 448;
    if (pixels <= longest) return pixels;
    for (std::int64_t row = longest; row > longest / 4; row -= 2) {
        if (pixels % row == 0) return row;
    }
    for (std::int64_t row = longest - 1; row > longest / 4; row -= 2) {
        if (pixels % row == 0) return row;
    }
    return pixels;
}

/// A pointwise convolution whose images are cut into rows of so many pixels.
inline ConvParams with_rows_of(ConvParams conv, std::int64_t pixels) {
    const std::int64_t all = conv.H * conv.W;
    conv.W = conv.Q = pixels;
    conv.H = conv.P = all / pixels;
    return conv;
}

}  // namespace dfp16::fast
