// The output pixels of a job cut into byte tiles: 16 neighbours of its planes each, of which those between rows are
// no output.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/products_windows.h"

namespace dfp16::fast {

struct ByteTile {
    std::int64_t pixel = 0;  ///< of the planes, the first row's
    std::int64_t count = 0;
    std::uint8_t rows[kByteTileRows] = {};  ///< that are outputs
};

/// Outputs that lie side by side, or the output step apart.
struct OutputRun {
    std::int64_t first = 0;  ///< among the outputs of its group of tiles
    std::int64_t count = 0;
    std::int64_t image = 0;
    std::int64_t row = 0, col = 0;  ///< of the window, the first output's
};

/// Tiles that are finished together.
struct TileGroup {
    std::vector<ByteTile> tiles;
    std::vector<OutputRun> runs;
};
inline constexpr int kTilesTogether = 8;

using ByteTiling = std::vector<TileGroup>;

/// Of so many images, and of so many rows of the window; rows and images of the planes are so many pixels apart.
ByteTiling byte_tiling(const WindowProduct& product, const TapWindow& window, std::int64_t images, std::int64_t rows,
                       std::int64_t row_pixels, std::int64_t image_pixels);

}  // namespace dfp16::fast
