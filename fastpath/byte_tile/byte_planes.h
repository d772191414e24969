// The input of a window product as byte tiles read it: pixels of 64 channels, high bytes and low ones apart, those that
// a stride separates in planes of their own, so that a row of outputs meets neighbours at every tap. Pixels of few
// channels are shorter, so that a step of 64 bytes meets several taps. Of an image's, 4 bytes each, those that a stride
// separates lie side by side, as one pixel.
#pragma once

#include <array>
#include <cstdint>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/products_windows.h"

namespace dfp16::fast {

class BytePlanes {
public:
    BytePlanes(const WindowProduct& product, const std::int16_t* in);

    /// For jobs of so many images and window rows at most.
    void set_size(std::int64_t images, std::int64_t window_rows);

    /// Bytes of a job's planes; from a high byte to its low one; from one pixel to the next.
    std::int64_t bytes() const { return 2 * low(); }
    std::int64_t low() const { return channel_groups() * group_bytes() + kOverrun; }
    std::int64_t pixel_bytes() const { return pixel_bytes_; }

    std::int64_t phases() const { return phase_rows_ * phase_cols_; }
    std::int64_t channel_groups() const { return (product_.in.group_channels() + pixel_bytes_ - 1) / pixel_bytes_; }
    /// Pixels of a row, of an image.
    std::int64_t row_pixels() const { return cols_; }
    std::int64_t image_pixels() const { return rows_ * cols_; }
    /// Bytes from the first group of channels to another.
    std::int64_t group_offset(std::int64_t channel_group) const { return channel_group * group_bytes(); }
    /// Bytes from output pixel (0, 0) of a job to the pixel that it meets at a tap, of the first group of channels.
    std::int64_t offset(std::int64_t tap_row, std::int64_t tap_col) const;

    /// Fills the planes at `to` with a job's pixels: images of one of the input's groups, window rows from first_row
    /// on.
    void fill(const ByteOps& ops, std::int64_t first_image, std::int64_t images, std::int64_t group,
              std::int64_t first_row, std::int64_t window_rows, std::uint8_t* to) const;

private:
    // Behind the last pixel: what a tile reads without need.
    static constexpr std::int64_t kOverrun = 16 * 64;

    std::int64_t group_bytes() const { return phases() * images_ * image_pixels() * pixel_bytes_; }
    std::array<const std::int16_t*, 4> blocks_of(std::int64_t image_group, std::int64_t channel_group) const;
    void fill_image(const ByteOps& ops, const std::int16_t* block, std::int64_t first_row, std::int64_t window_rows,
                    std::uint8_t* to) const;
    void fill_plane(const ByteOps& ops, const std::array<const std::int16_t*, 4>& blocks, std::int64_t phase,
                    std::int64_t first_row, std::int64_t window_rows, std::uint8_t* to) const;
    void fill_row(const ByteOps& ops, const std::array<const std::int16_t*, 4>& blocks, std::int64_t row,
                  std::int64_t phase_col, std::uint8_t* to) const;

    const WindowProduct& product_;
    const std::int16_t* in_;
    bool of_image_ = false;
    std::int64_t pixel_bytes_ = 64;
    std::int64_t phase_rows_ = 1, phase_cols_ = 1;  // that taps meet
    std::int64_t rows_below_ = 0;                   // of a plane, that taps reach below an output's own
    std::int64_t cols_ = 0;
    std::int64_t rows_ = 0;
    std::int64_t images_ = 1;
};

}  // namespace dfp16::fast
