#include "fastpath/elementwise/random_words.h"

#include <algorithm>

namespace dfp16::fast {

RandomWords::RandomWords(const Execution& execution, const RoundingParams& params, Purpose purpose)
    : RandomWords(execution, purpose, params.tensor) {
    needed_ = params.rounding == Rounding::stochastic;
}

RandomWords::RandomWords(const Execution& execution, Purpose purpose, std::uint32_t tensor)
    : kernels_(execution.kernels) {
    const std::uint64_t seed = execution.context.seed;
    key_ = {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
            execution.context.step,
            (static_cast<std::uint32_t>(purpose) << 24) | (tensor & 0xFFFFFFu)};
}

void RandomWords::fill(std::int64_t first, std::int64_t count, std::int64_t stride, std::uint32_t* target) const {
    alignas(kAlignment) std::uint32_t words[kTile + 8];
    const std::int64_t block = first / 4;
    const std::int64_t skipped = first % 4;
    kernels_.random_words(key_, static_cast<std::uint64_t>(block), (skipped + count + 3) / 4, words);
    for (std::int64_t i = 0; i < count; ++i) target[i * stride] = words[skipped + i];
}

const std::uint32_t* RandomWords::of(const Layout& layout, const Tile& tile, std::uint32_t* buffer) const {
    if (!needed_) return nullptr;
    if (!layout.blocked) {
        fill(tile.begin, tile.count, 1, buffer);
        return buffer;
    }
    const std::int64_t block = tile.plane % layout.blocks();
    const std::int64_t lanes = std::min(kBlock, layout.C - block * kBlock);
    const std::int64_t channel = tile.plane / layout.blocks() * layout.C + block * kBlock;  // of all images' channels
    if (layout.HW == 1) {
        fill(channel, lanes, 1, buffer);
    } else {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
            fill((channel + lane) * layout.HW + tile.first_pixel, tile.pixels(), kBlock, buffer + lane);
        }
    }
    return buffer;
}

}  // namespace dfp16::fast
