// The pairs of a sum in the contract's order (section 7), and where their chains end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "sim/types/policy.h"

namespace dfp16::fast {

/// The pairs of the summed channels at the taps where some rows r of an R x S kernel meet some columns s: blocks of 16
/// channels, within a block r, then s, then the channels in pairs. The second one of an odd number is the contract's
/// zero; or, if odd_across, the odd one itself at the next column.
struct TapPairs {
    std::int64_t channels = 0;
    std::int64_t R = 1, S = 1;
    std::vector<std::int64_t> tap_rows, tap_cols;  ///< ascending
    /// An odd number of channels, all in one block, has pairs of the last one at every second column: this and the
    /// next.
    bool odd_across = false;

    std::int64_t taps() const { return static_cast<std::int64_t>(tap_rows.size() * tap_cols.size()); }
    bool all_taps() const { return taps() == R * S; }
    std::int64_t blocks() const { return (channels + 15) / 16; }
    std::int64_t block_channels(std::int64_t block) const { return std::min<std::int64_t>(16, channels - 16 * block); }
    /// Of a block at the tap in one of `tap_cols`, by its index.
    std::int64_t tap_pairs(std::int64_t block, std::size_t col) const {
        const bool taken_before = odd_across && col % 2 != 0;
        return (block_channels(block) + (taken_before ? 0 : 1)) / 2;
    }
    /// In front of a block.
    std::int64_t before(std::int64_t block) const { return 8 * block * taps(); }
    std::int64_t size() const { return size(odd_across); }
    /// What it would be if an odd channel were paired across columns, or were not.
    std::int64_t size(bool across) const {
        const auto rows = static_cast<std::int64_t>(tap_rows.size());
        const auto cols = static_cast<std::int64_t>(tap_cols.size());
        return across ? rows * (channels / 2 * cols + (cols + 1) / 2) : (channels + 1) / 2 * taps();
    }
    bool empty() const { return taps() == 0; }
};

/// Those of all taps.
inline TapPairs all_pairs(std::int64_t channels, std::int64_t R, std::int64_t S) {
    TapPairs pairs{channels, R, S, std::vector<std::int64_t>(static_cast<std::size_t>(R)),
                   std::vector<std::int64_t>(static_cast<std::size_t>(S))};
    std::iota(pairs.tap_rows.begin(), pairs.tap_rows.end(), 0);
    std::iota(pairs.tap_cols.begin(), pairs.tap_cols.end(), 0);
    return pairs;
}

/// Lengths of the chains of a list of `pairs` pairs under a policy other than exact, whose chains are
/// certified_chains(). chain: chains of `accumulation.chain`; else one.
std::vector<std::int64_t> chains_of(std::int64_t pairs, const Accumulation& accumulation);

/// The same for the pairs of some taps, those of the others being zeros: under `chain` a pair's place among those of
/// all taps counts.
std::vector<std::int64_t> chains_of(const TapPairs& pairs, const Accumulation& accumulation);

}  // namespace dfp16::fast
