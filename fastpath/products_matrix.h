// Fully connected and gemm: a matrix of rows times packed vectors.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/packing/certificate.h"
#include "fastpath/packing/pack_vectors.h"
#include "fastpath/products.h"

namespace dfp16::fast {

/// result[row][column] = sum over pairs of the row's and the column's.
struct MatrixProduct {
    Accumulation accumulation;
    /// Pair i of a row is at its elements 2i and 2i + 1; the second of an odd last pair may be anything.
    const std::int16_t* rows = nullptr;
    std::int64_t row_count = 0;
    std::int64_t row_stride = 0;  ///< elements
    /// Column l has its pair i at column_pairs[i] + l * column_stride in `columns`.
    const std::int16_t* columns = nullptr;
    std::vector<PairSource> column_pairs;
    std::int64_t column_stride = 1;
    std::int64_t column_count = 0;
    BroadcastBound rows_bound;  ///< under exact
    double scale = 1.0;
    /// Elements from one row of the result to the next; columns up to the next multiple of 16 are written too if
    /// `result_padded`.
    std::int64_t result_stride = 0;
    bool result_padded = false;
};

/// Whether every result is within FP32.
bool run_matrix(const Products& products, const MatrixProduct& product, const Result& result);

}  // namespace dfp16::fast
