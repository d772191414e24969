#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/tiles.h"

namespace dfp16::fast {

void relu_forward_int16(const Execution& execution, const Tensor& x, Tensor& y) {
    for_tiles(execution.pool, x.layout, Cut::anywhere, [&](const Tile& tile, std::int64_t) {
        execution.kernels.relu_int16(x.mantissas() + tile.begin, tile.count, y.mantissas() + tile.begin);
    });
    y.exponent = x.exponent;
    y.largest_mantissa = x.largest_mantissa;
    y.non_negative = true;
}

void relu_backward(const Execution& execution, const Tensor& dy, const Tensor& y, Tensor& dx) {
    const KernelTable& kernels = execution.kernels;
    const bool int16 = dy.type == ElementType::mantissa;
    const bool int16_y = y.type == ElementType::mantissa;
    for_tiles(execution.pool, dy.layout, Cut::anywhere, [&](const Tile& tile, std::int64_t) {
        const std::int64_t i = tile.begin;
        const std::int64_t count = tile.count;
        if (int16 && int16_y) {
            kernels.relu_backward_int16(dy.mantissas() + i, y.mantissas() + i, count, dx.mantissas() + i);
        } else if (int16) {
            kernels.relu_backward_int16_by_fp32(dy.mantissas() + i, y.fp32() + i, count, dx.mantissas() + i);
        } else if (int16_y) {
            kernels.relu_backward_fp32_by_int16(dy.fp32() + i, y.mantissas() + i, count, dx.fp32() + i);
        } else {
            kernels.relu_backward_fp32(dy.fp32() + i, y.fp32() + i, count, dx.fp32() + i);
        }
    });
    dx.exponent = dy.exponent;
    dx.largest_mantissa = dy.largest_mantissa;
}

}  // namespace dfp16::fast
