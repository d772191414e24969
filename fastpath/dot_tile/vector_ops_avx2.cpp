#include "fastpath/dot_tile/transpose_rows.inc"

namespace dfp16::fast {

namespace {

constexpr VectorOps with_vectors(VectorOps ops) {
    ops.transpose_rows = transpose_rows_16;
    return ops;
}

}  // namespace

const VectorOps kVectorOpsAvx2 = with_vectors(kOps);

}  // namespace dfp16::fast
