#include <array>

#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "fastpath/products_matrix.h"

namespace dfp16::fast {

void fc_backward_data(const Products& products, const FcParams& fc, Operand dy, Operand w, Result dx) {
    const std::array dy_shape{fc.N, fc.K};
    const std::array w_shape{fc.K, fc.C};
    const std::array dx_shape{fc.N, fc.C};
    MatrixProduct product;
    product.accumulation = fc.accumulation;
    product.rows_bound = check_operand(products, fc.accumulation.policy, {"dy", dy_shape, true}, dy);
    check_operand(products, fc.accumulation.policy, {"w", w_shape, false}, w);
    product.rows = dy.mantissas;
    product.row_count = fc.N;
    product.row_stride = (fc.K + 15) / 16 * 16;
    product.columns = w.mantissas;
    product.column_pairs = neighbours(fc.K, fc.C);
    product.column_count = fc.C;
    product.scale = scale_of(dy, w);
    product.result_stride = (fc.C + 15) / 16 * 16;
    product.result_padded = true;
    if (!run_matrix(products, product, dx)) throw_beyond_fp32({"dx", dx_shape, true}, dx.fp32);
}

}  // namespace dfp16::fast
