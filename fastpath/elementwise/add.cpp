#include "fastpath/elementwise/guessed_sum.h"
#include "fastpath/elementwise/mantissa_minimum.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

void add(const Execution& execution, const MantissaTiles& a, const MantissaTiles& b, const AddParams& params,
         const Tensor& sum, const Tensor* mask, Tensor& y) {
    const MantissaSums sums(execution, a, b, params, y.layout);
    const Tiles planes(y.layout, Cut::by_plane);
    GuessedSum guessed(execution, sums, params, mask, y, ranges_of(execution.pool, planes.count(), planes.grain()));
    const Cut cut = guessed.gathers() ? Cut::by_plane : sums.cut();
    const std::uint32_t largest =
        max_over_tiles(execution.pool, y.layout, cut, [&](const Tile& tile, std::int64_t range) {
            return sums.has_int16_min(tile) ? kForbiddenOperand : guessed.write(tile, range);
        });
    if (largest == kForbiddenOperand) {
        for (const Tensor* x : {a.unchecked(), b.unchecked()}) {
            if (x != nullptr) reject_int16_min(*x);
        }
    }
    const DownConversion conversion = down_conversion(largest, sums.exponent(), params.rounding.headroom, sum);
    if (!guessed.finish(conversion)) {
        write_down_converted(execution, conversion, params.rounding, sums.cut(), sums, guessed.target());
    }
    y.forecast.see(conversion.exponent);
    y.non_negative = params.relu;
}

}  // namespace dfp16::fast
