// The chains of a convolution's window without the pairs that meet nothing but zeros around the input.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>
#include <vector>

namespace dfp16::fast {

/// Neighbours in a window's list of pairs that take the same row of input.
struct RowRun {
    std::int64_t row = 0;  ///< as TapWindow::in_rows
    std::int64_t pairs = 0;
};

/// Rows of input first .. end - 1, counted as RowRun::row.
struct InputRows {
    std::int64_t first = 0;
    std::int64_t end = 0;
    friend bool operator==(const InputRows&, const InputRows&) = default;
};

/// As dot tiles of generated code take them.
struct ChainPieces {
    std::int64_t first = 0;  ///< pairs left out in front of all
    std::int64_t chains = 0;
    boost::container::small_vector<std::int64_t, 64> pieces;  ///< chain_piece()s
};

/// What is left of chains of `lengths` pairs if only those of some rows of input are taken. Of a chain that cannot
/// overflow, a part cannot either.
void take_rows(const InputRows& rows, std::span<const std::int64_t> lengths, const std::vector<RowRun>& runs,
               ChainPieces& taken);

}  // namespace dfp16::fast
