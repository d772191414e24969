#include <array>

#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "fastpath/products_matrix.h"

namespace dfp16::fast {

void fc_forward(const Products& products, const FcParams& fc, Operand x, Operand w, Result y) {
    const std::array x_shape{fc.N, fc.C};
    const std::array w_shape{fc.K, fc.C};
    const std::array y_shape{fc.N, fc.K};
    MatrixProduct product;
    product.accumulation = fc.accumulation;
    product.rows_bound = check_operand(products, fc.accumulation.policy, {"x", x_shape, true}, x);
    check_operand(products, fc.accumulation.policy, {"w", w_shape, false}, w);
    product.rows = x.mantissas;
    product.row_count = fc.N;
    product.row_stride = (fc.C + 15) / 16 * 16;
    product.columns = w.mantissas;
    product.column_pairs = neighbours(fc.C, 1);
    product.column_stride = fc.C;
    product.column_count = fc.K;
    product.scale = scale_of(x, w);
    product.result_stride = (fc.K + 15) / 16 * 16;
    product.result_padded = true;
    if (!run_matrix(products, product, y)) throw_beyond_fp32({"y", y_shape, true}, y.fp32);
}

}  // namespace dfp16::fast
