#include <algorithm>
#include <optional>
#include <stdexcept>

#include "fastpath/elementwise/guessed_sum.h"
#include "fastpath/elementwise/mantissa_minimum.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

namespace {

/// The shift to the exponent of the step before.
std::optional<std::int64_t> foreseen_shift(const Tensor& y, const MantissaSums& sums) {
    if (!y.forecast.known()) return std::nullopt;
    return std::max(0, y.forecast.exponent() - sums.exponent());
}

}  // namespace

void add(const Execution& execution, const MantissaTiles& a, const MantissaTiles& b, const AddParams& params,
         const Tensor& sum, const Tensor* mask, Tensor& y) {
    const MantissaSums sums(execution, a, b, params, y.layout);
    const Tiles planes(y.layout, Cut::by_plane);
    const std::int64_t parts = ranges_of(execution.pool, planes.count(), planes.grain());
    const auto cut_of = [&](const GuessedSum& written) { return written.gathers() ? Cut::by_plane : sums.cut(); };
    GuessedSum guessed(execution, sums, params, mask, y, foreseen_shift(y, sums), parts);
    const std::uint32_t largest =
        max_over_tiles(execution.pool, y.layout, cut_of(guessed), [&](const Tile& tile, std::int64_t range) {
            return sums.has_int16_min(tile) ? kForbiddenOperand : guessed.write(tile, range);
        });
    if (largest == kForbiddenOperand) {
        for (const Tensor* x : {a.unchecked(), b.unchecked()}) {
            if (x != nullptr) reject_int16_min(*x);
        }
    }
    const DownConversion conversion = down_conversion(largest, sums.exponent(), params.rounding.headroom, sum);
    if (!guessed.finish(conversion)) {
        GuessedSum known(execution, sums, params, mask, y, conversion.shift, parts);
        if (known.in_one_pass()) {
            for_tiles(execution.pool, y.layout, cut_of(known),
                      [&](const Tile& tile, std::int64_t range) { known.write(tile, range); });
            if (!known.finish(conversion)) throw std::logic_error("a sum's exponent is another than its own");
        } else {
            write_down_converted(execution, conversion, params.rounding, sums.cut(), sums, known.target());
        }
    }
    y.forecast.see(conversion.exponent);
    y.non_negative = params.relu;
}

}  // namespace dfp16::fast
