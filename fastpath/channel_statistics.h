// The sums that batch norm needs of a DFP-16 tensor, found in passing by the operation that writes it, if that can.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fastpath/block_sums.h"

namespace dfp16::fast {

/// One BlockSums for each block of 16 channels.
using ChannelStatistics = std::vector<BlockSums>;

inline void add_to(BlockSums& total, const BlockSums& part) {
    for (int c = 0; c < 16; ++c) {
        total.sum[c] += part.sum[c];
        total.product[c] += part.product[c];
        total.low[c] = std::min(total.low[c], part.low[c]);
        total.high[c] = std::max(total.high[c], part.high[c]);
    }
}

/// parts: [any number][blocks] -> [blocks].
inline ChannelStatistics sum_of_parts(const std::vector<BlockSums>& parts, std::int64_t blocks) {
    ChannelStatistics total(static_cast<std::size_t>(blocks));
    for (std::size_t i = 0; i < parts.size(); ++i) add_to(total[i % total.size()], parts[i]);
    return total;
}

}  // namespace dfp16::fast
