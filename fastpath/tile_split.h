// Rows of a result cut into tiles of nearly equal size.
#pragma once

#include <array>
#include <cstdint>

#include "fastpath/dot_tile/dot_tile.h"

namespace dfp16::fast {

/// `count` rows, `stride` bytes apart, as tiles of at most two sizes with their kernels; `fresh` as dot tiles have it.
class TileSplit {
public:
    TileSplit(Isa isa, Policy policy, std::int64_t count, int lanes, std::int64_t stride, bool fresh,
              Spill spill = Spill::each_chain, std::optional<MantissaEnding> ending = std::nullopt)
        : stride_(stride), lanes_(lanes), fresh_(fresh) {
        const int largest = largest_tile(isa, lanes, stride);
        tiles_ = (count + largest - 1) / largest;
        size_ = static_cast<int>(count / tiles_);
        longer_ = count % tiles_;
        for (int extra = 0; extra < 2; ++extra) {
            if (extra == 0 || longer_ > 0)
                kernels_[extra] = dot_tile({isa, policy, size_ + extra, lanes, stride, fresh, spill, ending});
        }
    }

    std::int64_t tiles() const { return tiles_; }
    std::int64_t first(std::int64_t tile) const { return tile * size_ + (tile < longer_ ? tile : longer_); }
    int size(std::int64_t tile) const { return size_ + (tile < longer_ ? 1 : 0); }

    /// Adds a tile's chains to `arguments.sums`, or starts it with them; `arguments.broadcast` is row 0 of the tile.
    void run(std::int64_t tile, DotTileArguments arguments) const {
        arguments.stride = stride_;
        arguments.tile = size(tile);
        arguments.lanes = lanes_;
        arguments.fresh = fresh_;
        kernels_[tile < longer_ ? 1 : 0](&arguments);
    }

private:
    std::array<DotTile, 2> kernels_{};
    std::int64_t tiles_ = 0;
    std::int64_t longer_ = 0;
    std::int64_t stride_ = 0;
    int size_ = 0;
    int lanes_ = 0;
    bool fresh_ = false;
};

/// Room for the sums of the largest tile of any ISA.
struct alignas(64) TileSums {
    std::int64_t sums[28 * 16];
};

}  // namespace dfp16::fast
