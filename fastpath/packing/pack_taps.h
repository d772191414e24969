// Plain weights (K, C, R, S) of more than one tap, packed as the vectors of dot tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/dot_tile/vector_ops_table.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/pairs.h"

namespace dfp16::fast {

/// Where a weight lies: at lane * lane_step + channel * channel_step + r * S + s, the summed channel being `channel`.
/// One of the two steps is `taps` = R * S.
struct PlainWeights {
    const std::int16_t* data = nullptr;
    std::int64_t lane_step = 0;
    std::int64_t channel_step = 0;
    std::int64_t channels = 0;
    std::int64_t taps = 1;
    std::int64_t S = 1;
};

/// Blocks first .. end - 1 of 16 summed channels.
struct ChannelBlocks {
    std::int64_t first = 0;
    std::int64_t end = 0;
};

/// Packs one lane block, of the pairs of some channels; lanes that stand for no channel become zero.
void pack_taps(const VectorOps& ops, const PlainWeights& weights, const TapPairs& pairs, const ChannelBlocks& channels,
               std::int64_t block, const PackedVectors& packed);

}  // namespace dfp16::fast
