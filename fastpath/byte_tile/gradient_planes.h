// The operands of a weight gradient by byte tiles: sums run over output pixels, 64 a step, in the order of planes whose
// rows are as long as what a row of outputs meets. Where the gradient's plane has no pixel it is zero, so that it does
// not matter what the input has there.
#pragma once

#include <array>
#include <cstdint>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/packing/group_channels.h"

namespace dfp16::fast {

/// Images, and of each some rows of outputs.
struct PlaneChunk {
    std::int64_t first_image = 0, images = 1;
    std::int64_t first_row = 0, rows = 1;
};

/// How the pixels of a chunk lie in planes.
struct GradientPlanes {
    std::int64_t row_pixels = 0;
    std::int64_t rows_below = 0;  ///< between images, what taps reach below the last row of outputs
    std::int64_t reach = 0;       ///< pixels from an output's own to the farthest that a tap meets

    std::int64_t image_pixels(std::int64_t rows) const { return (rows + rows_below) * row_pixels; }
    std::int64_t steps(const PlaneChunk& chunk) const {
        return (chunk.images * image_pixels(chunk.rows) + kByteStep - 1) / kByteStep;
    }
    /// Steps, and what tiles read beyond.
    std::int64_t units(const PlaneChunk& chunk) const { return steps(chunk) + (reach + kByteStep - 1) / kByteStep; }
    /// From one channel's row of bytes to the next: an odd number of cache lines, so that rows share no set.
    std::int64_t row_bytes(const PlaneChunk& chunk) const { return (units(chunk) | 1) * kByteStep; }
};

/// One of the two: x, whose planes are those that the strides' phases make, or dy.
struct PlaneOperand {
    Activation shape;  ///< groups start blocks
    const std::int16_t* data = nullptr;
    std::array<std::int64_t, 2> step{1, 1};
    std::array<std::int64_t, 2> before{0, 0};  ///< zeros before the first row and column
    std::array<std::int64_t, 2> phases{1, 1};
    bool between_zeros = false;  ///< dy: rows below a chunk's are zeros

    std::int64_t planes() const { return phases[0] * phases[1]; }
    std::int64_t blocks() const { return shape.groups * shape.group_blocks(); }
    /// A plane of a block of 16 channels (of all groups'): [units * 64][16].
    void gather(const GradientPlanes& planes, const PlaneChunk& chunk, std::int64_t block, std::int64_t plane,
                std::int16_t* to) const;

private:
    void gather_row(const std::int16_t* from, std::int64_t row, std::int64_t plane_col, std::int64_t cols,
                    std::int16_t* to) const;
};

}  // namespace dfp16::fast
