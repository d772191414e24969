// Chains without the pairs that meet nothing but zeros around a convolution's input.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "fastpath/dot_tile/dot_tile_arguments.h"

namespace dfp16::fast {

/// Neighbours in a list of pairs that are of one row: of input, as TapWindow::in_rows, in a window's; of outputs, the
/// first of several, in a weight gradient's. And rows of a tile, pixels of a window, that all of them leave out.
struct RowRun {
    std::int64_t row = 0;
    std::int64_t pairs = 0;
    EndRows ends = 0;
};

/// Rows first .. end - 1, counted as RowRun::row.
struct RowRange {
    std::int64_t first = 0;
    std::int64_t end = 0;
    friend bool operator==(const RowRange&, const RowRange&) = default;
};

/// As dot tiles of generated code take them.
struct ChainPieces {
    std::int64_t first = 0;  ///< pairs left out in front of all
    std::int64_t chains = 0;
    boost::container::small_vector<std::int64_t, 64> pieces;  ///< chain_piece()s
};

/// What is left of chains of `lengths` pairs if only those of some rows are taken. Of a chain that cannot
/// overflow, a part cannot either.
void take_rows(const RowRange& rows, std::span<const std::int64_t> lengths, const std::vector<RowRun>& runs,
               ChainPieces& taken);

/// Arguments of all pairs, `lanes` lanes each, become those of what is left; `pieces` must outlive them.
void take_pieces(const ChainPieces& pieces, int lanes, DotTileArguments& arguments);

}  // namespace dfp16::fast
