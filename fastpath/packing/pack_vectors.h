// Plain operands packed as the vectors of dot tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/dot_tile/vector_ops_table.h"
#include "fastpath/packing/lane_blocks.h"

namespace dfp16::fast {

/// The elements of a pair in a plain tensor, for lane 0; `second` < 0 stands for zero.
struct PairSource {
    std::int64_t first = 0;
    std::int64_t second = -1;
};

/// Packs one block: lane l of a pair is at its source + (first lane of the block + l) * lane_stride; lanes that stand
/// for no channel become zero.
void pack_vectors(const VectorOps& ops, const std::int16_t* source, const std::vector<PairSource>& pairs,
                  std::int64_t lane_stride, std::int64_t block, const PackedVectors& packed);

/// Pairs i = (2i, 2i + 1) of `length` elements, `stride` apart.
std::vector<PairSource> neighbours(std::int64_t length, std::int64_t stride);

}  // namespace dfp16::fast
