// The input of a weight gradient, channel by channel, so that the pixels that a tap meets at outputs q and q + 1 are
// neighbours in memory.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fastpath/dot_tile/vector_ops_table.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

/// A group of an image: [channel][phase][rows][row_elements], between zeros. Column j of a phase is column
/// j * stride + phase of the padded input; tap s belongs to phase s % stride.
struct PlanarInput {
    explicit PlanarInput(const ConvParams& params)
        : conv(params),
          phases(std::min(params.stride[1], params.S)),
          rows((params.P - 1) * params.stride[0] + params.R),
          row_elements((params.Q + 1) / 2 * 2 + (params.S - 1) / params.stride[1]) {}

    std::int64_t channel_elements() const { return phases * rows * row_elements; }
    /// What tap (0, s) of a channel meets at output (0, 0).
    std::int64_t place(std::int64_t channel, std::int64_t s) const {
        return channel * channel_elements() + s % conv.stride[1] * rows * row_elements + s / conv.stride[1];
    }
    /// Packs one block of 16 channels, [H][W][16], of a group.
    void pack_block(const VectorOps& ops, const std::int16_t* from, std::int64_t block, std::int16_t* group) const;

    const ConvParams& conv;
    std::int64_t phases;
    std::int64_t rows;
    std::int64_t row_elements;
};

}  // namespace dfp16::fast
