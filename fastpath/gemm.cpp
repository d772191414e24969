#include <algorithm>
#include <array>

#include "fastpath/packing/kept_memory.h"
#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "fastpath/products_matrix.h"

namespace dfp16::fast {

namespace {

// Rows of an even length.
const std::int16_t* even_rows(const GemmParams& gemm, const std::int16_t* a) {
    if (gemm.K % 2 == 0) return a;
    auto* rows = kept<std::int16_t>(Kept::operand, gemm.M * (gemm.K + 1));
    for (std::int64_t m = 0; m < gemm.M; ++m) {
        std::copy_n(a + m * gemm.K, gemm.K, rows + m * (gemm.K + 1));
        rows[m * (gemm.K + 1) + gemm.K] = 0;
    }
    return rows;
}

}  // namespace

void gemm(const Products& products, const GemmParams& gemm, Operand a, Operand b, Result c) {
    const std::array a_shape{gemm.M, gemm.K};
    const std::array b_shape{gemm.K, gemm.N};
    const std::array c_shape{gemm.M, gemm.N};
    MatrixProduct product;
    product.accumulation = gemm.accumulation;
    product.rows_bound = check_operand(products, gemm.accumulation.policy, {"a", a_shape, false}, a);
    check_operand(products, gemm.accumulation.policy, {"b", b_shape, false}, b);
    product.rows = even_rows(gemm, a.mantissas);
    product.row_count = gemm.M;
    product.row_stride = (gemm.K + 1) / 2 * 2;
    product.columns = b.mantissas;
    product.column_pairs = neighbours(gemm.K, gemm.N);
    product.column_count = gemm.N;
    product.scale = scale_of(a, b);
    product.result_stride = gemm.N;
    if (!run_matrix(products, product, c)) throw_beyond_fp32({"c", c_shape, false}, c.fp32);
}

}  // namespace dfp16::fast
