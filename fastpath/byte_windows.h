// A window product by byte tiles: ISA amx, policy exact.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/byte_tile/byte_planes.h"
#include "fastpath/byte_tile/byte_tiling.h"
#include "fastpath/window_results.h"

namespace dfp16::fast {

/// Whether byte tiles can sum this product, and are the faster way.
bool prefers_byte_tiles(const Products& products, const WindowProduct& product);

class ByteWindows {
public:
    /// All must outlive it. `in`: blocked, its groups aligned to blocks.
    ByteWindows(const Products& products, const WindowProduct& product, const std::int16_t* in, WindowResults& results);

    void prepare(const std::int16_t* weights);
    /// Writes all results.
    void run();

private:
    /// A window's steps, and its packed weights [group][lane block][step][kByteVectors].
    struct Window {
        const TapWindow* window = nullptr;
        std::vector<std::int64_t> offsets;  ///< bytes, one a step
        std::vector<std::int64_t> places;   ///< by tap: where it begins among the vectors of a group of channels
        std::uint8_t* weights = nullptr;
        std::int64_t steps() const { return static_cast<std::int64_t>(offsets.size()); }
    };
    /// Images of one group, a band of window rows, a range of lane blocks.
    struct Job {
        std::int64_t first_image, images, group, first_row, rows, range;
    };

    void plan_jobs();
    void plan_windows();
    void plan_steps(Window& window) const;
    void pack_block(const Window& window, std::int64_t group, std::int64_t block, const std::int16_t* weights) const;
    const ByteTiling& tiling(std::size_t window, const Job& job) const;
    Job job_of(std::int64_t index) const;
    void run_job(std::int64_t index, std::uint8_t* bytes, BlockSums* gathered);
    void sum_tiles(const Window& window, const ByteTile* tiles, std::size_t count, const Job& job, std::int64_t block,
                   const std::uint8_t* bytes, ByteProducts* products) const;
    std::uint32_t run_tiles(const Window& window, const TileGroup& tiles, const Job& job, std::int64_t block,
                            const std::uint8_t* bytes, BlockSums* gathered) const;

    const Products& products_;
    const WindowProduct& product_;
    WindowResults& results_;
    const ByteOps& ops_;
    BytePlanes planes_;
    std::vector<Window> windows_;
    std::vector<ByteTiling> tilings_;  // by window; whole and last chunk of images, whole and last band
    std::int64_t blocks_ = 0;          // of 16 lanes

    std::int64_t images_ = 1;  // of a job
    std::int64_t image_chunks_ = 1;
    std::int64_t band_ = 1;
    std::int64_t bands_ = 1;
    std::int64_t range_jobs_ = 1;  // of one range of lane blocks
    std::int64_t block_ranges_ = 1;
};

}  // namespace dfp16::fast
