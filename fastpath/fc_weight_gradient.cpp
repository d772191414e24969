#include <array>

#include "fastpath/packing/kept_memory.h"
#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "fastpath/products_matrix.h"

namespace dfp16::fast {

namespace {

// dy (N, K) blocked -> [K][N rounded up to even].
const std::int16_t* transposed(ThreadPool& pool, const FcParams& fc, const std::int16_t* dy) {
    const std::int64_t length = (fc.N + 1) / 2 * 2;
    const std::int64_t stride = (fc.K + 15) / 16 * 16;
    auto* rows = kept<std::int16_t>(Kept::operand, fc.K * length);
    pool.parallel_for(fc.K, [&](std::int64_t k, int) {
        for (std::int64_t n = 0; n < length; ++n) {
            rows[k * length + n] = n < fc.N ? dy[n * stride + k] : std::int16_t{0};
        }
    });
    return rows;
}

}  // namespace

void fc_weight_gradient(const Products& products, const FcParams& fc, Operand x, Operand dy, Result dw) {
    const std::array x_shape{fc.N, fc.C};
    const std::array dy_shape{fc.N, fc.K};
    const std::array dw_shape{fc.K, fc.C};
    MatrixProduct product;
    product.accumulation = fc.accumulation;
    check_operand(products, fc.accumulation.policy, {"x", x_shape, true}, x);
    product.rows_bound = check_operand(products, fc.accumulation.policy, {"dy", dy_shape, true}, dy);
    product.rows = transposed(*products.pool, fc, dy.mantissas);
    product.row_count = fc.K;
    product.row_stride = (fc.N + 1) / 2 * 2;
    product.columns = x.mantissas;
    product.column_pairs = neighbours(fc.N, (fc.C + 15) / 16 * 16);
    product.column_count = fc.C;
    product.scale = scale_of(x, dy);
    product.result_stride = fc.C;
    if (!run_matrix(products, product, dw)) throw_beyond_fp32({"dw", dw_shape, false}, dw.fp32);
}

}  // namespace dfp16::fast
