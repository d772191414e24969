// The sums of a weight gradient: [group][lane block of k][r][s][c], where channels are few [c][s] or [s of one
// phase][c][s], and [lanes]. Where x and dy have changed places, K and C have too.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/gradient_chunk.h"
#include "fastpath/tile_split.h"

namespace dfp16::fast {

class GradientSums {
public:
    /// Where final sums go as FP32 (or INT32): in the order of the sums, or, if writes_in_place(), dw.
    struct Results {
        std::uint32_t* results = nullptr;
        double scale = 1.0;
    };

    /// `short_sums`: of exact, in INT32, which can_sum_short() must say there is. `apart`: each thread has a chunk of
    /// its own.
    GradientSums(const Products& products, const GradientOperands& operands, const PlanarInput& input,
                 const Chunk& largest, bool short_sums, bool apart);

    std::int64_t count() const;
    /// Bytes of a sum.
    std::int64_t bytes() const { return short_sums_ ? 4 : sum_bytes(policy_); }
    /// A chunk is summed by jobs, each for any thread.
    std::int64_t jobs() const;
    /// Adds the chunk's products to `sums`, or starts them if it is the first. If it is the last, `results` get the
    /// results (and `sums` may be null if it is the first too); gives the bits of their largest magnitude.
    /// `fetcher`: what to bring near in passing, if fetches(); may be null.
    std::uint32_t run_job(std::int64_t job, const GradientChunk& chunk, void* sums, bool first, const Results* results,
                          Fetcher* fetcher = nullptr) const;
    /// Whether it pays to fetch the next chunk: where windows are small it is soon read.
    bool fetches() const;
    /// Of all jobs of a chunk; each calls Fetcher::next() once.
    std::int64_t tiles() const;
    /// Final sums to results; gives the bits of the largest magnitude.
    std::uint32_t finish(const FinishArguments& arguments) const;
    /// Whether a short sum left INT32, or a chain could not go on: no sum is to be trusted, and further jobs do
    /// nothing.
    bool left_int32() const { return left_int32_; }
    void note_left_int32() const { left_int32_ = true; }
    /// Whether the sums of a row are neighbours in dw.
    bool writes_in_place() const { return transposed_; }
    /// Lane blocks of all groups; the first of a block's sums, and how many they are.
    std::int64_t blocks() const { return conv_.groups * blocks_.count(); }
    std::pair<std::int64_t, std::int64_t> sums_of_block(std::int64_t block) const;
    /// A block's final sums to dw, if writes_in_place(); gives the bits of the largest magnitude.
    std::uint32_t finish_block(std::int64_t block, const void* sums, const Results& results) const;
    /// Results to dw, plain (K, C/groups, R, S), if not in place.
    void write(const std::uint32_t* results, std::uint32_t* dw) const;

private:
    // Gradients of one tap row r that a tile can sum together: those of all channels at one s, or, where channels are
    // few, of one channel, or of all, at s = phase, phase + stride, ...: runs of neighbours in the planar input.
    struct Line {
        std::int64_t channel = 0, s = 0;      // of the first
        std::int64_t channels = 1, taps = 1;  // channel by channel
        std::int64_t origin = 0;     // element of a planar group
        std::int64_t first_sum = 0;  // among the sums of the tap row
        // [whether sums start here][whether the lane block is the last one, which may be narrower]
        using Splits = std::array<std::vector<TileSplit>, 2>;
        Splits splits;
        Splits separate;  // each chain for itself, where `splits` cannot: only if these spill at the end, to INT64

        std::int64_t count() const { return channels * taps; }
    };

    bool joins_channels() const;
    bool leaves_out_rows(const Line& line) const;
    void plan_lines();
    void plan_offsets();
    void add_splits(const Line& line, Spill spill, Line::Splits& splits) const;
    bool run_tile(const Line& line, bool first, bool last_block, std::int64_t tile, bool continued,
                  const DotTileArguments& arguments) const;
    std::uint32_t sum_range(const Line& line, std::int64_t group, std::int64_t block, std::int64_t r,
                            std::int64_t range, bool continued, DotTileArguments arguments, void* sums, bool first,
                            const Results* results, Fetcher* fetcher) const;
    /// Where a sum and those of its neighbour lanes are.
    std::int64_t place(std::int64_t group, std::int64_t block, std::int64_t r, std::int64_t sum) const;
    std::int64_t place_in_dw(std::int64_t group, std::int64_t block, std::int64_t sum) const;

    const Products& products_;
    const ConvParams& conv_;
    Policy policy_;
    const LaneBlocks& blocks_;
    const PlanarInput& input_;
    Chunk chunk_;  // the largest
    bool short_sums_;
    bool apart_;
    bool transposed_;
    bool pixels_;
    mutable std::atomic<bool> left_int32_{false};
    std::vector<Line> lines_;
    std::int64_t ranges_ = 1;  // of a line's tiles: a second-level cache holds the input of one
    std::vector<std::int64_t> offsets_;
};

}  // namespace dfp16::fast
