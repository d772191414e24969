// A part of a weight gradient's sums, packed: dy with its k as lanes, x as planes, or both in each other's places.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "fastpath/chunk.h"
#include "fastpath/packing/certificate.h"
#include "fastpath/packing/chain_pieces.h"
#include "fastpath/packing/fetcher.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/planar.h"
#include "fastpath/products.h"

namespace dfp16::fast {

/// Whether a policy leaves the order of its pairs free.
bool any_order(Policy policy);

/// Operands of a weight gradient as a whole. Channels of each group start a block.
struct GradientOperands {
    const ConvParams& conv;
    const std::int16_t* x = nullptr;
    const std::int16_t* dy = nullptr;
    BroadcastBound x_bound;
    LaneBlocks blocks;
    /// x and dy, and with them C and K, have changed places: of a pointwise convolution, whose dw is (C, K/groups)
    /// then.
    bool transposed = false;
    /// Tiles read dy's pixels where they lie: of a pointwise convolution without groups, under exact, of two pixels at
    /// least, where can_read_pixels(). Norms are of x then, and the chains of all lane blocks the same.
    bool pixels = false;
    BroadcastBound dy_bound = {};
};

class GradientChunk {
public:
    /// Elements that a chunk of this size needs.
    struct Memory {
        std::int64_t planar, packed, norms;
    };
    static Memory memory_of(const GradientOperands& operands, const PlanarInput& input, const Chunk& largest);

    GradientChunk(const Products& products, const GradientOperands& operands, const PlanarInput& input,
                  const Chunk& largest, std::int16_t* planar, std::int16_t* packed, std::uint32_t* norms);

    /// Packing goes by jobs, each for any thread: start; all jobs; then all chain jobs, which find the chains.
    void start(const Chunk& chunk);
    std::int64_t jobs() const { return input_jobs() + gradient_jobs(); }
    void run_job(std::int64_t job);
    std::int64_t chain_jobs() const { return static_cast<std::int64_t>(chains_.size()); }
    void run_chain_job(std::int64_t job);
    /// The same by one thread, for lane blocks first .. end - 1 of a convolution without groups only: after start().
    void pack_for_blocks(std::int64_t first, std::int64_t end);
    /// What packing a chunk will read, in its order.
    std::vector<Fetcher::Run> read_by(const Chunk& chunk) const;
    std::int64_t pairs() const { return chunk_.images * image_pairs(); }

    const std::int16_t* planar(std::int64_t group) const { return planar_ + group * input_.group_elements(); }
    /// Or pixels, where operands have them.
    const std::int16_t* packed(std::int64_t group, std::int64_t block) const {
        return operands_.pixels ? pixels(block) : vectors(group).block(block);
    }
    /// Rows of outputs, counted from the chunk's first: all, and those where tap row r meets the input; elsewhere
    /// zeros.
    RowRange all_rows() const { return {0, chunk_.rows}; }
    RowRange output_rows_met(std::int64_t r) const;
    /// All pairs, image by image those before some rows, of these rows, and behind them.
    std::vector<RowRun> runs_around(const RowRange& rows) const;
    /// Continued ones where can_sum_short() and the mantissas allow it.
    const Chains& chains(std::int64_t group, std::int64_t block) const {
        return chains_[operands_.pixels ? 0 : static_cast<std::size_t>(group * operands_.blocks.count() + block)];
    }

private:
    // Pairs whose norms are taken together.
    static constexpr std::int64_t kUnit = 8;

    static std::int64_t row_pairs(const GradientOperands& operands) { return (operands.conv.Q + 1) / 2; }
    std::int64_t image_pairs() const { return chunk_.rows * row_pairs(operands_); }
    std::int64_t image_units() const { return (image_pairs() + kUnit - 1) / kUnit; }
    std::int64_t input_blocks() const { return (operands_.conv.C / operands_.conv.groups + 15) / 16; }
    std::int64_t input_jobs() const { return chunk_.images * operands_.conv.groups * input_blocks(); }
    std::int64_t gradient_jobs() const {
        if (operands_.pixels) return 0;
        return chunk_.images * operands_.conv.groups * operands_.blocks.padded() / 16;
    }
    PackedVectors vectors(std::int64_t group) const {
        return {packed_ + group * 2 * pairs() * operands_.blocks.padded(), pairs(), operands_.blocks};
    }
    const std::int16_t* pixels(std::int64_t block) const;
    void take_row_norms(std::int64_t block, std::int64_t image);
    Chains chains_of_rows() const;
    UnitNorms norms(std::int64_t group, std::int64_t block) const;
    void pack_input(std::int64_t job);
    void pack_gradient(std::int64_t job);
    Chains certified(std::int64_t group, std::int64_t block) const;

    const Products& products_;
    const GradientOperands& operands_;
    const PlanarInput& input_;
    Chunk chunk_;
    std::int16_t* planar_;
    std::int16_t* packed_;
    std::uint32_t* norms_;  // of units of packed pairs
    std::atomic<std::uint32_t> largest_norm_{0};
    std::vector<Chains> chains_;  // by group and lane block
};

}  // namespace dfp16::fast
