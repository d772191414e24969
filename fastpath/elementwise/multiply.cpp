#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/mantissa_minimum.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

void multiply(const Execution& execution, const Tensor& a, const Tensor& b, const RoundingParams& params, Tensor& y) {
    const KernelTable& kernels = execution.kernels;
    const auto products = [&](const Tile& tile, std::int32_t* buffer) {
        kernels.multiply(a.mantissas() + tile.begin, b.mantissas() + tile.begin, tile.count, buffer);
        return buffer;
    };
    const std::uint32_t largest =
        max_over_tiles(execution.pool, y.layout, Cut::anywhere, [&](const Tile& tile, std::int64_t) {
            if (kernels.contains_int16_min(a.mantissas() + tile.begin, tile.count) ||
                kernels.contains_int16_min(b.mantissas() + tile.begin, tile.count)) {
                return kForbiddenOperand;
            }
            alignas(kAlignment) std::int32_t buffer[kTile];
            return kernels.max_magnitude_int32(products(tile, buffer), tile.count);
        });
    if (largest == kForbiddenOperand) {
        reject_int16_min(a);
        reject_int16_min(b);
    }
    const DownConversion conversion = down_conversion(largest, a.exponent + b.exponent, params.headroom, y);
    write_down_converted(execution, conversion, params, Cut::anywhere, products, {kernels, y});
}

}  // namespace dfp16::fast
