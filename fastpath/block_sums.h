// Exact integer sums over a block of 16 channels. Plain types only: sources that are compiled for one ISA include this.
#pragma once

#include <cstdint>

namespace dfp16::fast {

/// One value a channel, over DFP-16 mantissas m: what batch norm asks of its input, and of its gradient (contract
/// section 9).
struct BlockSums {
    std::int64_t sum[16] = {};
    /// Of m * m, or of m times another tensor's mantissa at the same place.
    std::int64_t product[16] = {};
    // Extremes of m; not of products with another tensor.
    std::int16_t low[16] = {INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX,
                            INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX, INT16_MAX};
    std::int16_t high[16] = {INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN,
                             INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN};
};

}  // namespace dfp16::fast
