// The operands of a weight gradient by byte tiles: sums run over output pixels, 64 a step, in the order of planes whose
// rows are as long as what a row of outputs meets. Where the gradient's plane has no pixel it is zero, so that it does
// not matter what the input has there.
#pragma once

#include <array>
#include <cstdint>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/chunk.h"
#include "fastpath/packing/group_channels.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

/// How the pixels of a chunk lie in planes. Zeros behind a row, or an image, may be those before the next one.
struct GradientPlanes {
    explicit GradientPlanes(const ConvParams& conv);

    std::int64_t row_pixels;
    std::int64_t rows_between;           ///< images, beside the rows of outputs
    std::int64_t rows_below;             ///< that taps reach below an output's own
    std::int64_t reach;                  ///< pixels from an output's own to the farthest that a tap meets
    std::array<std::int64_t, 2> phases;  ///< of the strides, that taps meet: planes of x

    /// Shifted by a pixel each: lanes are packed in fours of pixels, once for each of those that taps are apart
    /// modulo 4.
    std::int64_t copies() const { return reach < 3 ? reach + 1 : 4; }
    std::int64_t image_pixels(std::int64_t rows) const { return (rows + rows_between) * row_pixels; }
    std::int64_t steps(const Chunk& chunk) const {
        const std::int64_t pixels = chunk.images * image_pixels(chunk.rows) - rows_between * row_pixels;
        return (pixels + kByteStep - 1) / kByteStep;
    }
    /// Fours of neighbours that tiles read, from one of the first four pixels on.
    std::int64_t fours(const Chunk& chunk) const { return kByteStep / 4 * steps(chunk) + reach / 4; }
};

/// One of the two: x, whose planes are those that the strides' phases make, or dy.
struct PlaneOperand {
    Activation shape;  ///< groups start blocks
    const std::int16_t* data = nullptr;
    std::array<std::int64_t, 2> step{1, 1};
    std::array<std::int64_t, 2> before{0, 0};  ///< zeros before the first row and column
    std::array<std::int64_t, 2> phases{1, 1};
    bool between_zeros = false;  ///< dy: rows below a chunk's are zeros

    /// Of one tap: whether the plane is the operand's own pixels, one image after the other.
    bool dense(const GradientPlanes& planes) const {
        return step == std::array<std::int64_t, 2>{1, 1} && before == std::array<std::int64_t, 2>{0, 0} &&
               planes.reach == 0;
    }
    std::int64_t planes() const { return phases[0] * phases[1]; }
    std::int64_t blocks() const { return shape.groups * shape.group_blocks(); }
    /// A plane of a block of 16 channels (of all groups'): [pixels][16], `pixels` at least those of the chunk.
    void gather(const GradientPlanes& planes, const Chunk& chunk, std::int64_t block, std::int64_t plane,
                std::int64_t pixels, std::int16_t* to) const;

    /// Of a dense operand: an image's part of a chunk.
    const std::int16_t* pixels(const Chunk& chunk, std::int64_t block, std::int64_t image) const {
        const std::int64_t image_block = (chunk.first_image + image) * blocks() + block;
        return data + (image_block * shape.H + chunk.first_row) * shape.W * 16;
    }

private:
    void gather_row(const std::int16_t* from, std::int64_t row, std::int64_t plane_col, std::int64_t cols,
                    std::int16_t* to) const;
};

}  // namespace dfp16::fast
