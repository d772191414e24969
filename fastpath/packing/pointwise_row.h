// Pointwise convolutions (1x1, stride 1, no padding) know no rows: an image may be cut into any.
#pragma once

#include <cstdint>

namespace dfp16::fast {

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

}  // namespace dfp16::fast
