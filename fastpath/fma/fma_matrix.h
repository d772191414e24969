// Fully connected and gemm of FP32 operands.
#pragma once

#include <cstdint>

#include "fastpath/products.h"

namespace dfp16::fast {

/// result[row][column] = the chain over d of rows[row][d] * columns(column, d).
struct FmaMatrix {
    std::int64_t depth = 0;
    const float* rows = nullptr;
    std::int64_t row_count = 0;
    std::int64_t row_stride = 0;  ///< elements
    /// Element (column, d) is at column * column_stride + d * depth_stride; one of the two is 1.
    const float* columns = nullptr;
    std::int64_t column_count = 0;
    std::int64_t column_stride = 1;
    std::int64_t depth_stride = 1;
    /// Elements from one row of the result to the next; columns up to the next multiple of 16 are written, as zero, if
    /// `result_padded`.
    std::int64_t result_stride = 0;
    bool result_padded = false;
};

/// Whether every result is finite.
bool run_fma_matrix(const Products& products, const FmaMatrix& matrix, float* result);

}  // namespace dfp16::fast
