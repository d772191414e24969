// The input of a weight gradient, channel by channel, so that the pixels that a tap meets at outputs q and q + 1 are
// neighbours in memory.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fastpath/dot_tile/vector_ops_table.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

/// Some images of a group, and of each the rows that some rows of outputs meet: [channel][image][phase][rows]
/// [row_elements], between zeros, with a gap behind some channels. Column j of a phase is column j * stride + phase of
/// the padded input; tap s belongs to phase s % stride.
struct PlanarInput {
    PlanarInput(const ConvParams& params, std::int64_t image_count, std::int64_t output_rows, bool ends_pairs = false)
        : conv(params),
          images(image_count),
          phases(std::min(params.stride[1], params.S)),
          row_step(std::min(params.stride[0], params.R)),
          rows((output_rows - 1) * row_step + params.R),
          row_elements((params.Q + 1) / 2 * 2 + (params.S - 1) / params.stride[1]),
          last_ends_pair(ends_pairs) {}

    /// Whether taps meet more than pixels of the input.
    bool has_margins() const { return conv.R > 1 || conv.S > 1 || conv.pad[0] > 0 || conv.pad[1] > 0; }
    std::int64_t image_elements() const { return phases * rows * row_elements; }
    /// From a channel to the next. A tile reads many channels side by side, and packing writes them: were their
    /// addresses equal modulo 4 KiB, a first-level cache would have to hold all in one set.
    std::int64_t channel_elements() const {
        constexpr std::int64_t period = 4096 / 2;
        constexpr std::int64_t line = 64 / 2;
        const std::int64_t elements = images * image_elements();
        const std::int64_t beyond = (elements + line) % period;
        return beyond < 2 * line ? elements - beyond + 2 * line + 2 : elements;
    }
    std::int64_t group_elements() const { return conv.C / conv.groups * channel_elements(); }
    /// What tap (0, s) of a channel meets at output (0, 0) of the first image.
    std::int64_t place(std::int64_t channel, std::int64_t s) const {
        return channel * channel_elements() + s % conv.stride[1] * rows * row_elements + s / conv.stride[1];
    }
    /// Packs one block of 16 channels, [H][W][16], of image `image` of those held; `first_row` is the first row of
    /// outputs.
    void pack_block(const VectorOps& ops, const std::int16_t* from, std::int64_t block, std::int64_t image,
                    std::int64_t first_row, std::int16_t* group) const;

    const ConvParams& conv;
    std::int64_t images;
    std::int64_t phases;
    std::int64_t row_step;  ///< from one row of outputs to the next: input rows that no tap meets are left out
    std::int64_t rows;
    std::int64_t row_elements;
    bool last_ends_pair;  ///< without margins: the last pixel of an odd row is the second of its pair, not the first
};

}  // namespace dfp16::fast
