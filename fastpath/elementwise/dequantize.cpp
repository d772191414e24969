#include <cmath>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

namespace {

/// The one product beyond FP32: -32768 * 2^113 or more.
void check_range(const Tensor& x) {
    if (x.exponent < kExponentMax) return;
    for (std::int64_t i = 0; i < x.layout.elements(); ++i) {
        if (!std::isfinite(std::ldexp(static_cast<float>(x.mantissas()[i]), x.exponent))) {
            throw InputError(message_at(x, x.layout.logical_index(i), "mantissa times scale beyond FP32"));
        }
    }
}

}  // namespace

void dequantize(const Execution& execution, const Tensor& x, Tensor& y) {
    check_range(x);
    const float scale = std::ldexp(1.0f, x.exponent);
    for_tiles(execution.pool, x.layout, Cut::anywhere, [&](const Tile& tile, std::int64_t) {
        execution.kernels.dequantize(x.mantissas() + tile.begin, tile.count, scale, y.fp32() + tile.begin);
    });
}

}  // namespace dfp16::fast
