// The weights of a convolution's windows, packed, with the tables that dot tiles take.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "fastpath/packing/certificate.h"
#include "fastpath/packing/chain_pieces.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/pairs.h"
#include "fastpath/products_windows.h"
#include "fastpath/tile_split.h"

namespace dfp16::fast {

/// How a tile is summed: as the policy says; under exact as one certified chain, so that INT32 holds the sum; or as
/// chains that go on from each other in INT32, where it is checked that it does.
enum class SumKind { full, one_chain, checked };

/// A lane block of one group's weights. Threads write their own.
struct PreparedBlock {
    ChainLengths chains;
    std::vector<ChainPieces> pieces;  ///< of each of the window's row_ranges
    SumKind kind = SumKind::full;
    bool short_sums() const { return kind != SumKind::full; }
};

/// A window made ready: packed weights of every group, and tables for the dot tiles.
struct PreparedWindow {
    const TapWindow* window = nullptr;
    std::vector<PackedVectors> weights;  // one a group, of the first copy
    std::vector<std::int64_t> offsets;
    /// All pairs, where outputs can do without some, as these meet zeros around the input; else none.
    std::vector<RowRun> row_runs;
    /// Those of the input, of all that the window can meet, that a tile meets, whatever its rows are; none where there
    /// are no row_runs.
    std::vector<RowRange> row_ranges;
    std::vector<PreparedBlock> blocks;  // [group][lane block]

    /// Of lane blocks as wide as the first, and of a narrower last one: those of the kinds that blocks have, and of
    /// full sums for what `checked` finds.
    using Splits = std::array<std::array<std::optional<TileSplit>, 3>, 2>;
    Splits splits;
    Splits mantissa_splits;  // of short sums, if tiles may end in mantissas
    static const std::optional<TileSplit>& of(const Splits& splits, bool narrower, SumKind kind) {
        return splits[narrower][static_cast<std::size_t>(kind)];
    }
};

/// The input as dot tiles see it: [group block][rows][row_pixels][16].
struct WindowPlane {
    std::int64_t rows = 0;
    std::int64_t row_pixels = 0;
    /// Rows of outputs that tiles may span; 1: none.
    std::int64_t joined_rows = 1;
    bool padded = false;  ///< with zeros around the input
};

class WindowWeights {
public:
    /// All must outlive it.
    WindowWeights(const Products& products, const WindowProduct& product, const LaneBlocks& blocks)
        : products_(products), product_(product), blocks_(blocks) {}

    /// Whether each thread rather packs a copy of its own: of so few weights that this takes it less than to fetch from
    /// another core what that one packed, and than a share of the products.
    bool are_few() const;
    /// That each thread does so. Before prepare().
    void keep_copies() { copies_ = products_.pool->threads(); }
    /// Packs plain weights, and finds chains and kernels for each lane block. Once. `ending`: how tiles end that leave
    /// mantissas, if there are such kernels.
    void prepare(const std::int16_t* weights, const BroadcastBound& in_bound, const WindowPlane& plane,
                 const std::optional<MantissaEnding>& ending);

    const std::vector<PreparedWindow>& windows() const { return windows_; }
    /// A lane block's vectors in the copy of a thread, which mostly packed it.
    const std::int16_t* vectors(const PreparedWindow& prepared, std::int64_t group, std::int64_t block,
                                int thread) const {
        return packed(prepared, group, copies_ == 1 ? 0 : thread).block(block);
    }

private:
    void plan_windows(const WindowPlane& plane);
    std::vector<RowRun> row_runs(const TapWindow& window, const WindowPlane& plane) const;
    std::vector<RowRange> row_ranges(const TapWindow& window, const WindowPlane& plane) const;
    PackedVectors packed(const PreparedWindow& prepared, std::int64_t group, std::int64_t copy) const {
        PackedVectors packed = prepared.weights[static_cast<std::size_t>(group)];
        packed.data += copy * copy_elements_;
        return packed;
    }
    void pack_block(const std::int16_t* weights, const PreparedWindow& prepared, std::int64_t group, std::int64_t block,
                    const ChannelBlocks& channels, std::int64_t copy) const;
    void pack(const std::int16_t* weights, const BroadcastBound& in_bound);
    void pack_copies(const std::int16_t* weights, const BroadcastBound& in_bound);
    void prepare_tables(PreparedWindow& prepared, const WindowPlane& plane,
                        const std::optional<MantissaEnding>& ending) const;
    void prepare_offsets(PreparedWindow& prepared, const WindowPlane& plane) const;
    std::int64_t rows_together(const PreparedWindow& prepared, const WindowPlane& plane, int lanes) const;
    std::int64_t cycles(const PreparedWindow& prepared, const WindowPlane& plane, int lanes,
                        std::int64_t tile_rows) const;
    TileSplit split(const PreparedWindow& prepared, const WindowPlane& plane, int lanes, std::int64_t tile_rows,
                    SumKind kind, const std::optional<MantissaEnding>& ending) const;
    void find_chains(PreparedWindow& prepared, std::int64_t group, std::int64_t block, std::int64_t copy,
                     const BroadcastBound& in_bound);
    bool has(SumKind kind) const { return has_kind_[static_cast<std::size_t>(kind)]; }

    const Products& products_;
    const WindowProduct& product_;
    const LaneBlocks& blocks_;
    std::int64_t copies_ = 1;
    std::int64_t copy_elements_ = 0;  // from one to the next
    std::vector<PreparedWindow> windows_;
    std::array<std::atomic<bool>, 3> has_kind_{};  // some block
};

}  // namespace dfp16::fast
