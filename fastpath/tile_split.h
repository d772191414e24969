// Rows of a result cut into tiles of nearly equal size.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "fastpath/dot_tile/dot_tile.h"

namespace dfp16::fast {

/// `rows` rows as tiles of at most two sizes, of at most `most` rows, with their kernels, of which `shape` gives all
/// but the tile. Rows in runs stay together: their numbers are multiples of the run.
class TileSplit {
public:
    TileSplit(DotTileShape shape, std::int64_t rows, std::int64_t most = INT64_MAX)
        : shape_(shape), run_(shape.run == 0 ? 1 : shape.run) {
        const std::int64_t largest =
            std::min<std::int64_t>(most, largest_tile(shape.isa, shape.lanes, shape.stride, shape.pixels)) / run_;
        const std::int64_t runs = rows / run_;
        tiles_ = (runs + largest - 1) / largest;
        runs_ = runs / tiles_;
        longer_ = runs % tiles_;
        for (int extra = 0; extra < 2; ++extra) {
            if (extra > 0 && longer_ == 0) continue;
            shape.tile = static_cast<int>((runs_ + extra) * run_);
            kernels_[extra] = dot_tile(shape);
        }
    }

    std::int64_t tiles() const { return tiles_; }
    std::int64_t first(std::int64_t tile) const { return first_run(tile) * run_; }
    int size(std::int64_t tile) const { return static_cast<int>((runs_ + (tile < longer_ ? 1 : 0)) * run_); }
    /// Bytes from the first row of all to a tile's.
    std::int64_t offset(std::int64_t tile) const {
        return first_run(tile) * (shape_.run == 0 ? shape_.stride : shape_.run_stride);
    }

    /// Bytes from a tile's first row to the next one's.
    std::int64_t tile_stride(std::int64_t tile) const { return offset(tile + 1) - offset(tile); }
    /// Tiles of one size from this one on.
    std::int64_t alike(std::int64_t tile) const { return (tile < longer_ ? longer_ : tiles_) - tile; }

    /// Adds a tile's chains to `arguments.sums`, or starts it with them; `arguments.broadcast` is row 0 of the tile;
    /// what is fixed in generated code is set.
    void run(std::int64_t tile, DotTileArguments& arguments) const {
        arguments.stride = shape_.stride;
        arguments.tile = size(tile);
        arguments.lanes = shape_.lanes;
        arguments.fresh = shape_.fresh;
        kernels_[tile < longer_ ? 1 : 0](&arguments);
    }

private:
    std::int64_t first_run(std::int64_t tile) const { return tile * runs_ + (tile < longer_ ? tile : longer_); }

    DotTileShape shape_;
    std::array<DotTile, 2> kernels_{};
    std::int64_t run_;  // rows of one
    std::int64_t tiles_ = 0;
    std::int64_t longer_ = 0;
    std::int64_t runs_ = 0;  // of a tile
};

/// Room for the sums of the largest tile of any ISA.
struct alignas(64) TileSums {
    std::int64_t sums[28 * 16];
};

}  // namespace dfp16::fast
