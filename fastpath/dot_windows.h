// A window product by dot tiles: any ISA, any policy.
#pragma once

#include <cstdint>
#include <optional>

#include "fastpath/packing/lane_blocks.h"
#include "fastpath/window_results.h"
#include "fastpath/window_weights.h"

namespace dfp16::fast {

class DotWindows {
public:
    /// All must outlive it. `in`: blocked, its groups aligned to blocks.
    DotWindows(const Products& products, const WindowProduct& product, const std::int16_t* in, WindowResults& results);

    void prepare(const std::int16_t* weights, const BroadcastBound& in_bound);
    /// Writes all results.
    void run();

private:
    void plan_buffer();
    void plan_jobs();
    bool can_join_rows() const;
    const std::int16_t* input_band(std::int64_t image_group, std::int64_t first_row, std::int16_t* buffer) const;
    void run_job(std::int64_t job, std::int16_t* buffer, int thread);
    void fetch_tile(const std::int16_t* origin, std::int64_t tile) const;
    /// What a job's tiles have in common.
    struct JobState {
        int thread = 0;
        BlockSums* gathered = nullptr;
        TileMantissas mantissas;
        DotTileArguments arguments;  // made once: clearing them takes as long as a short chain
        std::uint32_t overflow = 0;
        TileSums sums;
        alignas(64) float largest[16] = {};  // of tiles that end in mantissas
    };
    void start(JobState& state, int thread) const;
    std::uint32_t run_row(const PreparedWindow& prepared, std::int64_t image_group, std::int64_t block,
                          std::int64_t row, const std::int16_t* origin, bool unread, JobState& state) const;
    static void run_to_sums(const TileSplit& split, std::int64_t tile, JobState& state);
    void run_again(const TileSplit& full, std::int64_t tile, JobState& state) const;
    std::int64_t run_to_mantissas(const TileSplit& split, std::int64_t tile, std::int64_t tiles, std::int64_t out_block,
                                  std::int64_t place, JobState& state) const;
    RowRange rows_of_tile(const PreparedWindow& prepared, const TileSplit& split, std::int64_t row,
                          std::int64_t tile) const;
    std::int64_t tiles_with(const RowRange& rows, const PreparedWindow& prepared, const TileSplit& split,
                            std::int64_t row, std::int64_t tile) const;
    void take_pairs(const PreparedWindow& prepared, std::int64_t group, std::int64_t block, const RowRange& rows,
                    JobState& state) const;
    bool can_end_in_mantissas_now() const;
    TileMantissas tile_mantissas() const;
    std::uint32_t largest_of(const float* kept) const;
    void place_mantissas(std::int64_t out_block, std::int64_t place, TileMantissas& mantissas) const;
    void gather(std::int64_t out_block, std::int64_t place, std::int64_t rows, std::int64_t lanes,
                BlockSums* gathered) const;

    const Products& products_;
    const WindowProduct& product_;
    const std::int16_t* in_;
    WindowResults& results_;
    std::optional<MantissaEnding> ending_;
    bool ends_in_mantissas_ = false;     // in this run
    std::int32_t reach_ = kWidestReach;  // of sums between chains
    LaneBlocks blocks_;
    WindowWeights weights_;

    // The input as dot tiles see it: [group block][plane_rows_][row_pixels_][16], a padded copy of a band of rows
    // unless the input itself will do.
    bool padded_ = false;
    std::int64_t row_pixels_ = 0;
    std::int64_t plane_rows_ = 0;
    std::int64_t rows_below_ = 0;  // input rows that a window reaches below its origin

    // Jobs: image and group, band of window rows, range of lane blocks.
    std::int64_t most_rows_ = 0;
    std::int64_t band_ = 0;
    std::int64_t bands_ = 0;
    std::int64_t range_jobs_ = 1;  // of one range of lane blocks
    std::int64_t block_ranges_ = 1;
    std::int64_t joined_rows_ = 1;
};

}  // namespace dfp16::fast
