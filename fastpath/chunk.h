// What a weight gradient packs and sums at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "reference/interface/operation.h"

namespace dfp16::fast {

/// Some whole images, or, where the order of a sum is free, some rows of outputs of one.
struct Chunk {
    std::int64_t first_image = 0, images = 1;
    std::int64_t first_row = 0, rows = 1;
};

/// All of a convolution in chunks of this size; the last ones may be smaller.
inline std::vector<Chunk> chunks_of(const ConvParams& conv, const Chunk& size) {
    std::vector<Chunk> chunks;
    for (std::int64_t image = 0; image < conv.N; image += size.images) {
        for (std::int64_t row = 0; row < conv.P; row += size.rows) {
            chunks.push_back({image, std::min(size.images, conv.N - image), row, std::min(size.rows, conv.P - row)});
        }
    }
    return chunks;
}

}  // namespace dfp16::fast
