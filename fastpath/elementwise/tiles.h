// Loops over tensors: shared by threads, and in tiles that fit the first-level cache.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "fastpath/layout.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::fast {

/// Elements in a tile, at most.
inline constexpr std::int64_t kTile = 2048;
/// Loops over fewer elements than this are not worth waking a thread for.
inline constexpr std::int64_t kParallelElements = 16384;

/// How many ranges for_ranges() makes.
inline std::int64_t ranges_of(const ThreadPool& pool, std::int64_t count, std::int64_t grain) {
    return std::clamp<std::int64_t>(count / grain, 1, std::int64_t{4} * pool.threads());
}

/// Cuts 0 .. count-1 into ranges of at least `grain` (or one range) and calls body(first, end, range) for each, in
/// parallel. What bodies write past the caches is there when it returns.
template <typename Body>
void for_ranges(ThreadPool& pool, std::int64_t count, std::int64_t grain, const Body& body) {
    const std::int64_t ranges = ranges_of(pool, count, grain);
    const auto run = [&](std::int64_t range) {
        body(count * range / ranges, count * (range + 1) / ranges, range);
        std::atomic_thread_fence(std::memory_order_seq_cst);
    };
    if (ranges == 1) return run(0);
    pool.parallel_for(ranges, [&](std::int64_t range, int) { run(range); });
}

/// Where tiles may end: a loop that knows nothing of channels may run across planes (image and block of 16 channels).
enum class Cut { by_plane, anywhere };

/// A piece of a tensor in memory order.
struct Tile {
    std::int64_t begin = 0;
    std::int64_t count = 0;
    // Of a blocked layout that is cut by plane:
    std::int64_t plane = 0;
    std::int64_t first_pixel = 0;

    std::int64_t pixels() const { return count / kBlock; }
};

/// The tiles of a layout, in memory order.
class Tiles {
public:
    /// Of at most `most` elements, a multiple of kBlock.
    Tiles(const Layout& layout, Cut cut, std::int64_t most = kTile)
        : most_(most),
          plane_elements_(layout.blocked && cut == Cut::by_plane ? layout.HW * kBlock : layout.elements()),
          tiles_a_plane_((plane_elements_ + most - 1) / most),
          count_(layout.elements() / std::max<std::int64_t>(1, plane_elements_) * tiles_a_plane_) {}

    std::int64_t count() const { return count_; }
    /// How many tiles make a range that is worth a thread.
    std::int64_t grain() const {
        return std::max<std::int64_t>(1, kParallelElements / std::min(most_, plane_elements_));
    }
    Tile operator[](std::int64_t i) const {
        const std::int64_t plane = i / tiles_a_plane_;
        const std::int64_t offset = i % tiles_a_plane_ * most_;
        return {plane * plane_elements_ + offset, std::min(most_, plane_elements_ - offset), plane, offset / kBlock};
    }

private:
    std::int64_t most_;
    std::int64_t plane_elements_;
    std::int64_t tiles_a_plane_;
    std::int64_t count_;
};

/// body(tile, range) for every tile, in parallel by ranges.
template <typename Body>
void for_tiles(ThreadPool& pool, const Tiles& tiles, const Body& body) {
    for_ranges(pool, tiles.count(), tiles.grain(), [&](std::int64_t first, std::int64_t end, std::int64_t range) {
        for (std::int64_t i = first; i < end; ++i) body(tiles[i], range);
    });
}

template <typename Body>
void for_tiles(ThreadPool& pool, const Layout& layout, Cut cut, const Body& body) {
    for_tiles(pool, Tiles(layout, cut), body);
}

/// The largest of body(tile, range) over all tiles.
template <typename Body>
std::uint32_t max_over_tiles(ThreadPool& pool, const Tiles& tiles, const Body& body) {
    std::vector<std::uint32_t> largest(static_cast<std::size_t>(ranges_of(pool, tiles.count(), tiles.grain())), 0);
    for_ranges(pool, tiles.count(), tiles.grain(), [&](std::int64_t first, std::int64_t end, std::int64_t range) {
        std::uint32_t of_range = 0;  // not in `largest`, whose line threads would take from each other at every tile
        for (std::int64_t i = first; i < end; ++i) of_range = std::max(of_range, body(tiles[i], range));
        largest[static_cast<std::size_t>(range)] = of_range;
    });
    return *std::max_element(largest.begin(), largest.end());
}

template <typename Body>
std::uint32_t max_over_tiles(ThreadPool& pool, const Layout& layout, Cut cut, const Body& body) {
    return max_over_tiles(pool, Tiles(layout, cut), body);
}

/// body(plane) for every plane (image, block of 16 channels) of a blocked layout, in parallel. A plane is HW * 16
/// elements.
template <typename Body>
void for_planes(ThreadPool& pool, const Layout& layout, const Body& body) {
    const std::int64_t grain = std::max<std::int64_t>(1, kParallelElements / (layout.HW * kBlock));
    for_ranges(pool, layout.N * layout.blocks(), grain, [&](std::int64_t first, std::int64_t end, std::int64_t) {
        for (std::int64_t plane = first; plane < end; ++plane) body(plane);
    });
}

}  // namespace dfp16::fast
