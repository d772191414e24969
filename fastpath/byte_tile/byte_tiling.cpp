#include "fastpath/byte_tile/byte_tiling.h"

namespace dfp16::fast {

namespace {

class Tiler {
public:
    explicit Tiler(const WindowProduct& product) : product_(product) {}

    void add(std::int64_t pixel, std::int64_t image, std::int64_t row, std::int64_t col) {
        if (tiling_.empty() || pixel >= tiling_.back().tiles.back().pixel + kByteTileRows) start_tile(pixel);
        TileGroup& group = tiling_.back();
        ByteTile& tile = group.tiles.back();
        tile.rows[tile.count++] = static_cast<std::uint8_t>(pixel - tile.pixel);
        const std::int64_t place = row * product_.out_step[0] * product_.out.W + col * product_.out_step[1];
        const bool goes_on = !group.runs.empty() && group.runs.back().image == image && place == next_place_;
        if (!goes_on) group.runs.push_back({outputs_, 0, image, row, col});
        ++group.runs.back().count;
        ++outputs_;
        next_place_ = place + product_.out_step[1];
    }
    ByteTiling take() { return std::move(tiling_); }

private:
    void start_tile(std::int64_t pixel) {
        if (tiling_.empty() || tiling_.back().tiles.size() == kTilesTogether) {
            tiling_.emplace_back();
            outputs_ = 0;
        }
        tiling_.back().tiles.push_back({.pixel = pixel});
    }

    const WindowProduct& product_;
    ByteTiling tiling_;
    std::int64_t outputs_ = 0;     // of the group
    std::int64_t next_place_ = 0;  // of an output that goes on with the last run
};

}  // namespace

ByteTiling byte_tiling(const WindowProduct& product, const TapWindow& window, std::int64_t images, std::int64_t rows,
                       std::int64_t row_pixels, std::int64_t image_pixels) {
    Tiler tiler(product);
    for (std::int64_t image = 0; image < images; ++image) {
        for (std::int64_t row = 0; row < rows; ++row) {
            const std::int64_t first = image * image_pixels + row * row_pixels;
            for (std::int64_t col = 0; col < window.cols; ++col) tiler.add(first + col, image, row, col);
        }
    }
    return tiler.take();
}

}  // namespace dfp16::fast
