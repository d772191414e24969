// Where an output differs, as a small picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/interface/host_tensor.h"

namespace dfp16 {

/// Differing elements, counted in cells. Rows are the second axis of four ("k" of n,k,p,q), columns the last two as one
/// (row-major); of fewer axes the first and the rest; one axis runs in rows of 16. At most kHeatCells rows and columns:
/// larger tensors share cells.
struct HeatMap {
    std::string row_axis;  ///< "k"
    std::string column_axis;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<std::int64_t> differing;  ///< (rows, columns)
    std::vector<std::int64_t> elements;   ///< how many share each cell
    friend bool operator==(const HeatMap&, const HeatMap&) = default;
};

inline constexpr std::int64_t kHeatCells = 64;

/// Of two tensors of one type and shape; `axes` names the coordinates ("n,k,p,q").
HeatMap heat_map(const std::string& axes, const HostTensor& expected, const HostTensor& got);

}  // namespace dfp16
