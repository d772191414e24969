// A band of a window product's input rows, copied between zeros, as dot tiles see it.
#pragma once

#include <cstdint>

#include "fastpath/products_windows.h"

namespace dfp16::fast {

struct InputBand {
    const WindowProduct& product;
    std::int64_t rows = 0;
    std::int64_t row_pixels = 0;

    std::int64_t elements() const { return product.in.group_blocks() * rows * row_pixels * 16; }
    /// Blocked `in`, from row `top` on, which may be outside, of a group of an image -> out: [group block][rows]
    /// [row_pixels][16]. Where pairs are odd_across, beside each pixel's last channel lies that of its neighbour, and
    /// nothing is defined beyond.
    void copy(const std::int16_t* in, std::int64_t image_group, std::int64_t top, std::int16_t* out) const;

private:
    void copy_row(const std::int16_t* row, std::int64_t width, std::int16_t* out) const;
};

}  // namespace dfp16::fast
