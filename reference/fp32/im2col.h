// Convolutions as products of matrices: a block of output pixels, and the input elements that its windows see.
#pragma once

#include <cstdint>

#include "reference/interface/operation.h"

namespace dfp16::fp32 {

/// How the output of a convolution is cut: into groups of whole images (the unit of parallel work), and where one image
/// alone is large, into strips of its rows. Depends on the shape only, so sums do not depend on the number of threads.
struct Blocking {
    std::int64_t images;  ///< of a block; the last one may have fewer
    std::int64_t blocks;  ///< ceil(N / images)
    std::int64_t rows;    ///< of a strip, at most P; the last one may have fewer
    explicit Blocking(const ConvParams& conv);
};

/// Output rows [row, row + rows) of images [image, image + images), seen by group `group`; rows < P only with one
/// image.
struct Block {
    std::int64_t group = 0;
    std::int64_t image = 0, images = 0;
    std::int64_t row = 0, rows = 0;
    /// Output pixels.
    std::int64_t pixels(const ConvParams& conv) const { return images * rows * conv.Q; }
};

/// Whether the columns of a block are the input itself: 1x1, stride 1, no padding, one image.
bool is_plain(const ConvParams& conv, const Block& block);

/// x (N,C,H,W) -> columns (C/groups * R * S, pixels), zeros for padding.
void im2col(const ConvParams& conv, const Block& block, const float* x, float* columns);

/// Adds columns to dx where im2col took them from.
void add_col2im(const ConvParams& conv, const Block& block, const float* columns, float* dx);

/// Output channels of the block's group, y (N,K,P,Q) <-> matrix (K/groups, pixels).
void gather_output(const ConvParams& conv, const Block& block, const float* y, float* matrix);
void scatter_output(const ConvParams& conv, const Block& block, const float* matrix, float* y);

/// Calls body(block) for each strip of block number `index` and group `group`.
template <typename Body>
void for_strips(const ConvParams& conv, const Blocking& blocking, std::int64_t index, std::int64_t group,
                const Body& body) {
    Block block;
    block.group = group;
    block.image = index * blocking.images;
    block.images = index + 1 < blocking.blocks ? blocking.images : conv.N - block.image;
    for (block.row = 0; block.row < conv.P; block.row += blocking.rows) {
        block.rows = block.row + blocking.rows < conv.P ? blocking.rows : conv.P - block.row;
        body(block);
    }
}

}  // namespace dfp16::fp32
