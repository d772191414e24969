#include <cmath>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

void dequantize(const Execution& execution, const Tensor& x, Tensor& y) {
    reject_beyond_fp32(x, [](std::int64_t) { return true; });
    const float scale = std::ldexp(1.0f, x.exponent);
    for_tiles(execution.pool, x.layout, Cut::anywhere, [&](const Tile& tile, std::int64_t) {
        execution.kernels.dequantize(x.mantissas() + tile.begin, tile.count, scale, y.fp32() + tile.begin);
    });
}

}  // namespace dfp16::fast
