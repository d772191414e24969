// Random words for stochastic rounding (contract section 4), in the order in which a tile lies in memory.
#pragma once

#include <cstdint>

#include "fastpath/elementwise/execution.h"
#include "fastpath/elementwise/tiles.h"
#include "reference/interface/operation.h"
#include "sim/philox.h"

namespace dfp16::fast {

class RandomWords {
public:
    /// No words at all unless the rounding is stochastic.
    RandomWords(const Execution& execution, const RoundingParams& params, Purpose purpose);
    /// Words for every element of a tensor's stream.
    RandomWords(const Execution& execution, Purpose purpose, std::uint32_t tensor);

    bool needed() const { return needed_; }
    /// Which tiles of() takes, and which an operation may use that rounds with these words.
    Cut cut() const { return needed_ ? Cut::by_plane : Cut::anywhere; }
    /// The words of a tile's elements, written to `buffer` of kTile words; padding gets any word. Null if none are
    /// needed.
    const std::uint32_t* of(const Layout& layout, const Tile& tile, std::uint32_t* buffer) const;

private:
    /// Words first .. first + count - 1, count <= kTile, to target[0], target[stride], ...
    void fill(std::int64_t first, std::int64_t count, std::int64_t stride, std::uint32_t* target) const;

    const KernelTable& kernels_;
    RandomKey key_{};
    bool needed_ = true;
};

}  // namespace dfp16::fast
