#include <algorithm>

#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/mantissa_minimum.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

namespace {

constexpr std::uint32_t kLargestSum = 2 * 32767;

}  // namespace

void add(const Execution& execution, const Tensor& a, const Tensor& b, const AddParams& params, Tensor& y) {
    const KernelTable& kernels = execution.kernels;
    const Tensor& fixed = a.exponent >= b.exponent ? a : b;
    const Tensor& aligned = a.exponent >= b.exponent ? b : a;
    const int gap = fixed.exponent - aligned.exponent;
    const ShiftRounding rounding = shift_rounding(gap, params.rounding.rounding, 32767);
    RoundingParams alignment = params.rounding;
    if (gap == 0) alignment.rounding = Rounding::toward_zero;  // nothing to round, so no random words
    const RandomWords random(execution, alignment, Purpose::align);
    const auto sums = [&](const Tile& tile, std::int32_t* buffer) {
        alignas(kAlignment) std::uint32_t words[kTile];
        kernels.add(fixed.mantissas() + tile.begin, aligned.mantissas() + tile.begin, tile.count, rounding,
                    random.of(y.layout, tile, words), params.relu, buffer);
        return buffer;
    };
    // While the largest sum is looked for, mantissas are written for the exponent of the step before.
    const bool guessing = params.rounding.rounding != Rounding::stochastic && y.forecast.known();
    const std::int64_t guess = std::max(0, y.forecast.exponent() - fixed.exponent);
    const ShiftRounding guessed = shift_rounding(guess, params.rounding.rounding, kLargestSum);
    const std::uint32_t largest = max_over_tiles(execution.pool, y.layout, random.cut(), [&](const Tile& tile) {
        if (kernels.contains_int16_min(a.mantissas() + tile.begin, tile.count) ||
            kernels.contains_int16_min(b.mantissas() + tile.begin, tile.count)) {
            return kForbiddenOperand;
        }
        alignas(kAlignment) std::int32_t buffer[kTile];
        const std::int32_t* v = sums(tile, buffer);
        if (guessing) {
            kernels.down_convert(v, tile.count, guessed, mantissa_bound(params.rounding.headroom), nullptr,
                                 y.mantissas() + tile.begin);
        }
        return kernels.max_magnitude_int32(v, tile.count);
    });
    if (largest == kForbiddenOperand) {
        reject_int16_min(a);
        reject_int16_min(b);
    }
    const DownConversion conversion = down_conversion(largest, fixed.exponent, params.rounding.headroom, y);
    if (guessing && conversion.shift == guess) {
        y.exponent = conversion.exponent;
        y.largest_mantissa = mantissa_bound(params.rounding.headroom);
    } else {
        write_down_converted(execution, conversion, params.rounding, random.cut(), sums, y);
    }
    y.forecast.see(conversion.exponent);
    y.non_negative = params.relu;
}

}  // namespace dfp16::fast
