#include <algorithm>
#include <array>

#include "fastpath/fma/fma_matrix.h"
#include "fastpath/fma/fma_products.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/products_check.h"

namespace dfp16::fast {

namespace {

std::int64_t padded(std::int64_t channels) {
    return (channels + 15) / 16 * 16;
}

/// dy (N, K) blocked -> (K, N).
const float* transposed(ThreadPool& pool, const FcParams& fc, const float* dy) {
    auto* rows = kept<float>(Kept::operand, fc.K * fc.N);
    pool.parallel_for((fc.K + 15) / 16, [&](std::int64_t block, int) {
        for (std::int64_t k = block * 16; k < std::min(fc.K, block * 16 + 16); ++k) {
            for (std::int64_t n = 0; n < fc.N; ++n) rows[k * fc.N + n] = dy[n * padded(fc.K) + k];
        }
    });
    return rows;
}

}  // namespace

void fc_forward_fma(const Products& products, const FcParams& fc, const float* x, const float* w, float* y) {
    const std::array y_shape{fc.N, fc.K};
    const FmaMatrix matrix{.depth = fc.C,
                           .rows = x,
                           .row_count = fc.N,
                           .row_stride = padded(fc.C),
                           .columns = w,
                           .column_count = fc.K,
                           .column_stride = fc.C,
                           .depth_stride = 1,
                           .result_stride = padded(fc.K),
                           .result_padded = true};
    if (!run_fma_matrix(products, matrix, y)) throw_beyond_fp32({"y", y_shape, true}, y);
}

void fc_backward_data_fma(const Products& products, const FcParams& fc, const float* dy, const float* w, float* dx) {
    const std::array dx_shape{fc.N, fc.C};
    const FmaMatrix matrix{.depth = fc.K,
                           .rows = dy,
                           .row_count = fc.N,
                           .row_stride = padded(fc.K),
                           .columns = w,
                           .column_count = fc.C,
                           .column_stride = 1,
                           .depth_stride = fc.C,
                           .result_stride = padded(fc.C),
                           .result_padded = true};
    if (!run_fma_matrix(products, matrix, dx)) throw_beyond_fp32({"dx", dx_shape, true}, dx);
}

void fc_weight_gradient_fma(const Products& products, const FcParams& fc, const float* x, const float* dy, float* dw) {
    const std::array dw_shape{fc.K, fc.C};
    const FmaMatrix matrix{.depth = fc.N,
                           .rows = transposed(*products.pool, fc, dy),
                           .row_count = fc.K,
                           .row_stride = fc.N,
                           .columns = x,
                           .column_count = fc.C,
                           .column_stride = 1,
                           .depth_stride = padded(fc.C),
                           .result_stride = fc.C,
                           .result_padded = false};
    if (!run_fma_matrix(products, matrix, dw)) throw_beyond_fp32({"dw", dw_shape, false}, dw);
}

void gemm_fma(const Products& products, const GemmParams& gemm, const float* a, const float* b, float* c) {
    const std::array c_shape{gemm.M, gemm.N};
    const FmaMatrix matrix{.depth = gemm.K,
                           .rows = a,
                           .row_count = gemm.M,
                           .row_stride = gemm.K,
                           .columns = b,
                           .column_count = gemm.N,
                           .column_stride = 1,
                           .depth_stride = gemm.N,
                           .result_stride = gemm.N,
                           .result_padded = false};
    if (!run_fma_matrix(products, matrix, c)) throw_beyond_fp32({"c", c_shape, false}, c);
}

}  // namespace dfp16::fast
