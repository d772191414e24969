#include "fastpath/input_band.h"

#include <algorithm>
#include <cstring>

#include "fastpath/packing/fetch.h"

namespace dfp16::fast {

namespace {

// Of pixels of 16 channels the first `channels`, at most 3, and beside them the last one of the next pixel.
void copy_few_across(const std::int16_t* from, std::int64_t pixels, std::int64_t channels, std::int16_t* to) {
    const std::uint64_t taken = (std::uint64_t{1} << (16 * channels)) - 1;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel, from += 16, to += 16) {
        std::uint64_t word;
        std::memcpy(&word, from, sizeof word);
        const std::uint64_t next = static_cast<std::uint16_t>(from[16 + channels - 1]);
        word = (word & taken) | next << (16 * channels);
        std::memcpy(to, &word, sizeof word);
    }
}

void copy_across(const std::int16_t* from, std::int64_t pixels, std::int64_t channels, std::int16_t* to) {
    if (channels <= 3) return copy_few_across(from, pixels, channels, to);
    std::copy_n(from, pixels * 16, to);
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
        to[16 * pixel + channels] = from[16 * (pixel + 1) + channels - 1];
}

}  // namespace

void InputBand::copy(const std::int16_t* in, std::int64_t image_group, std::int64_t top, std::int16_t* out) const {
    const Activation& shape = product.in;
    const std::int64_t width = std::clamp<std::int64_t>(row_pixels - product.before[1], 0, shape.W);
    const std::int16_t* from = in + image_group * shape.group_blocks() * shape.H * shape.W * 16;
    for (std::int64_t block = 0; block < shape.group_blocks(); ++block, from += shape.H * shape.W * 16) {
        for (std::int64_t row = top; row < top + rows; ++row, out += row_pixels * 16) {
            if (row < 0 || row >= shape.H || width == 0) {
                std::fill_n(out, row_pixels * 16, std::int16_t{0});
                continue;
            }
            fetch(from + (row + 4) * shape.W * 16, width * 16);
            copy_row(from + row * shape.W * 16, width, out);
        }
    }
}

void InputBand::copy_row(const std::int16_t* row, std::int64_t width, std::int16_t* out) const {
    const std::int64_t left = product.before[1];
    std::int16_t* const first = out + left * 16;
    std::int16_t* const end = first + width * 16;
    std::fill(out, first, std::int16_t{0});
    std::fill(end, out + row_pixels * 16, std::int16_t{0});
    if (!product.windows[0].pairs.odd_across) {
        std::copy_n(row, width * 16, first);
        return;
    }
    const std::int64_t channels = product.in.group_channels();
    copy_across(row, width - 1, channels, first);
    std::copy_n(row + (width - 1) * 16, 16, end - 16);
    end[channels - 16] = 0;
    if (left > 0) first[channels - 16] = row[channels - 1];
}

}  // namespace dfp16::fast
