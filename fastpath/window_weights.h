// The weights of a convolution's windows, packed, with the tables that dot tiles take.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "fastpath/packing/certificate.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/pairs.h"
#include "fastpath/products_windows.h"
#include "fastpath/tile_split.h"

namespace dfp16::fast {

/// How a tile is summed: as the policy says; in INT32, which is certain to hold the sum; or where it is checked that it
/// does.
enum class SumKind { full, one_chain, checked };

/// A lane block of one group's weights.
struct PreparedBlock {
    std::vector<std::int64_t> chains;
    const TileSplit* split = nullptr;
    const TileSplit* full_split = nullptr;      // for what `checked` finds
    const TileSplit* mantissa_split = nullptr;  // if short_sums() and tiles may end in mantissas
    // Under exact: one certified chain is the whole sum, so INT32 holds it; or there are more that go on from each
    // other.
    bool one_chain = false;
    bool checked = false;
    bool short_sums() const { return one_chain || checked; }
};

/// A window made ready: packed weights of every group, and tables for the dot tiles.
struct PreparedWindow {
    const TapWindow* window = nullptr;
    std::vector<TapPair> taps;
    std::vector<PackedVectors> weights;  // one a group
    std::vector<std::int64_t> offsets;
    std::vector<PreparedBlock> blocks;  // [group][lane block]
    // [last, perhaps narrower, block][SumKind]
    std::array<std::array<std::optional<TileSplit>, 3>, 2> splits;
    // Beside those of INT32 sums, where tiles may end in mantissas.
    std::array<std::array<std::optional<TileSplit>, 3>, 2> mantissa_splits;
};

/// The input as dot tiles see it: [group block][rows][row_pixels][16].
struct WindowPlane {
    std::int64_t rows = 0;
    std::int64_t row_pixels = 0;
    /// Rows of outputs that tiles may span; 1: none.
    std::int64_t joined_rows = 1;
};

class WindowWeights {
public:
    /// All must outlive it.
    WindowWeights(const Products& products, const WindowProduct& product, const LaneBlocks& blocks)
        : products_(products), product_(product), blocks_(blocks) {}

    /// Packs plain weights, and finds chains and kernels for each lane block. Once. `ending`: how tiles end that leave
    /// mantissas, if there are such kernels.
    void prepare(const std::int16_t* weights, const BroadcastBound& in_bound, const WindowPlane& plane,
                 const std::optional<MantissaEnding>& ending);

    const std::vector<PreparedWindow>& windows() const { return windows_; }

private:
    void plan_windows();
    void pack(const std::int16_t* weights, const BroadcastBound& in_bound);
    void prepare_tables(PreparedWindow& prepared, const WindowPlane& plane,
                        const std::optional<MantissaEnding>& ending);

    const Products& products_;
    const WindowProduct& product_;
    const LaneBlocks& blocks_;
    std::vector<PreparedWindow> windows_;
};

}  // namespace dfp16::fast
