#include "fastpath/byte_tile/byte_planes.h"

#include <algorithm>

#include "fastpath/byte_tile/plane_row.h"

namespace dfp16::fast {

BytePlanes::BytePlanes(const WindowProduct& product, const std::int16_t* in) : product_(product), in_(in) {
    const std::int64_t channels = product.in.group_channels();
    const std::int64_t image_bytes = kImageChannels * product.in_step[0] * product.in_step[1];
    of_image_ = channels <= kImageChannels && kByteStep % image_bytes == 0;
    if (of_image_) {
        pixel_bytes_ = image_bytes;
    } else if (channels <= 32) {
        pixel_bytes_ = channels <= 16 ? 16 : 32;
    }
    for (const TapWindow& window : product.windows) {
        cols_ = std::max(cols_, window.cols);
        if (window.pairs.empty()) continue;
        for (const std::int64_t row : window.in_rows) {
            if (!of_image_) phase_rows_ = std::max(phase_rows_, row % product.in_step[0] + 1);
            rows_below_ = std::max(rows_below_, row / product.in_step[0]);
        }
        for (const std::int64_t col : window.in_cols) {
            if (!of_image_) phase_cols_ = std::max(phase_cols_, col % product.in_step[1] + 1);
            cols_ = std::max(cols_, window.cols + col / product.in_step[1]);
        }
    }
}

void BytePlanes::set_size(std::int64_t images, std::int64_t window_rows) {
    images_ = images;
    rows_ = window_rows + rows_below_;
}

std::int64_t BytePlanes::offset(std::int64_t tap_row, std::int64_t tap_col) const {
    const std::int64_t shift = tap_row / product_.in_step[0] * cols_ + tap_col / product_.in_step[1];
    const std::int64_t row = tap_row % product_.in_step[0];
    const std::int64_t col = tap_col % product_.in_step[1];
    if (of_image_) return shift * pixel_bytes_ + (row * product_.in_step[1] + col) * kImageChannels;
    const std::int64_t phase = row * phase_cols_ + col;
    return (phase * images_ * image_pixels() + shift) * pixel_bytes_;
}

void BytePlanes::fill(const ByteOps& ops, std::int64_t first_image, std::int64_t images, std::int64_t group,
                      std::int64_t first_row, std::int64_t window_rows, std::uint8_t* to) const {
    for (std::int64_t channels = 0; channels < channel_groups(); ++channels) {
        for (std::int64_t phase = 0; phase < phases(); ++phase) {
            for (std::int64_t image = 0; image < images; ++image) {
                const std::int64_t image_group = (first_image + image) * product_.in.groups + group;
                std::uint8_t* rows =
                    to + group_offset(channels) + (phase * images_ + image) * image_pixels() * pixel_bytes_;
                if (of_image_) {
                    fill_image(ops, blocks_of(image_group, channels)[0], first_row, window_rows, rows);
                } else {
                    fill_plane(ops, blocks_of(image_group, channels), phase, first_row, window_rows, rows);
                }
            }
        }
    }
}

void BytePlanes::fill_image(const ByteOps& ops, const std::int16_t* block, std::int64_t first_row,
                            std::int64_t window_rows, std::uint8_t* to) const {
    SplitImage split;
    split.pixels = block;
    split.H = product_.in.H;
    split.W = product_.in.W;
    split.step_h = product_.in_step[0];
    split.step_w = product_.in_step[1];
    split.col = -product_.before[1];
    split.count = cols_;
    split.low = low();
    for (std::int64_t row = 0; row < window_rows + rows_below_; ++row, to += cols_ * pixel_bytes_) {
        split.row = (first_row + row) * split.step_h - product_.before[0];
        split.high = to;
        ops.split_image(split);
    }
}

std::array<const std::int16_t*, 4> BytePlanes::blocks_of(std::int64_t image_group, std::int64_t channel_group) const {
    const Activation& in = product_.in;
    const std::int64_t first = channel_group * pixel_bytes_ / 16;
    std::array<const std::int16_t*, 4> blocks{};
    for (std::int64_t i = 0; i < std::min(std::max<std::int64_t>(1, pixel_bytes_ / 16), in.group_blocks() - first);
         ++i) {
        blocks[static_cast<std::size_t>(i)] = in_ + (image_group * in.group_blocks() + first + i) * in.H * in.W * 16;
    }
    return blocks;
}

void BytePlanes::fill_plane(const ByteOps& ops, const std::array<const std::int16_t*, 4>& blocks, std::int64_t phase,
                            std::int64_t first_row, std::int64_t window_rows, std::uint8_t* to) const {
    const std::int64_t top = phase / phase_cols_ - product_.before[0];
    for (std::int64_t row = 0; row < window_rows + rows_below_; ++row, to += cols_ * pixel_bytes_) {
        fill_row(ops, blocks, (first_row + row) * product_.in_step[0] + top, phase % phase_cols_, to);
    }
}

// Pixels outside of the input are zeros.
void BytePlanes::fill_row(const ByteOps& ops, const std::array<const std::int16_t*, 4>& blocks, std::int64_t row,
                          std::int64_t phase_col, std::uint8_t* to) const {
    const Activation& in = product_.in;
    const std::int64_t step = product_.in_step[1];
    const std::int64_t left = product_.before[1] - phase_col;  // of the input, before the row's first pixel
    const PlaneRow inside(in.W, step, left, cols_);
    const bool outside = row < 0 || row >= in.H;
    SplitPixels split;
    split.count = outside ? 0 : inside.end - inside.first;
    split.step = 16 * step;
    split.high = to + inside.first * pixel_bytes_;
    split.low = low();
    split.pixel_bytes = pixel_bytes_;
    const auto zeros = [&](std::int64_t from, std::int64_t until) {
        std::fill_n(to + from * pixel_bytes_, (until - from) * pixel_bytes_, std::uint8_t{0});
        std::fill_n(to + split.low + from * pixel_bytes_, (until - from) * pixel_bytes_, std::uint8_t{0});
    };
    if (split.count == 0) return zeros(0, cols_);
    zeros(0, inside.first);
    for (std::size_t i = 0; i < 4; ++i) {
        if (blocks[i] != nullptr) split.blocks[i] = blocks[i] + (row * in.W + inside.first * step - left) * 16;
    }
    ops.split_pixels(split);
    zeros(inside.end, cols_);
}

}  // namespace dfp16::fast
