// How the lanes of a packed operand are cut into blocks: as wide as the ISA has, a last one of 16 where no more is
// left.
#pragma once

#include <algorithm>
#include <cstdint>

namespace dfp16::fast {

struct LaneBlocks {
    std::int64_t channels = 0;
    int widest = 16;

    /// Rounded up to blocks of 16.
    std::int64_t padded() const { return (channels + 15) / 16 * 16; }
    std::int64_t count() const { return (padded() + widest - 1) / widest; }
    std::int64_t first(std::int64_t block) const { return block * widest; }
    int lanes(std::int64_t block) const {
        return static_cast<int>(std::min<std::int64_t>(widest, padded() - first(block)));
    }
    /// Than the first one, as the last may be.
    bool narrower(std::int64_t block) const { return lanes(block) < lanes(0); }
    /// Lanes of a block that stand for channels.
    int used(std::int64_t block) const {
        return static_cast<int>(std::min<std::int64_t>(lanes(block), channels - first(block)));
    }
};

/// Operands packed as [block][pair][lanes][2].
struct PackedVectors {
    std::int16_t* data = nullptr;
    std::int64_t pairs = 0;
    LaneBlocks blocks;

    std::int16_t* block(std::int64_t index) const { return data + 2 * pairs * blocks.first(index); }
    std::int64_t elements() const { return 2 * pairs * blocks.padded(); }
};

}  // namespace dfp16::fast
