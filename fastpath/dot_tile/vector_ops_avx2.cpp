#include "fastpath/dot_tile/transpose_rows.inc"

namespace dfp16::fast {

namespace {

void transpose_rows_16(const std::int16_t* rows, std::int64_t row_stride, std::int64_t count, std::int64_t channels,
                       std::int16_t* out, std::int64_t out_stride) {
    transpose_by_16(rows, row_stride, count, channels, out, out_stride, transpose_rows);
}

constexpr VectorOps with_vectors(VectorOps ops) {
    ops.transpose_rows = transpose_rows_16;
    return ops;
}

}  // namespace

const VectorOps kVectorOpsAvx2 = with_vectors(kOps);

}  // namespace dfp16::fast
