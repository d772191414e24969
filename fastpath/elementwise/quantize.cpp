#include <algorithm>
#include <bit>
#include <cmath>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/random_words.h"

namespace dfp16::fast {

namespace {

constexpr std::uint32_t kInfinity = 0x7F800000u;

/// floor(log2 |x|) from the bits of |x|, which is finite; -127 for subnormals and 0, which all get the smallest
/// exponent.
int floor_log2(std::uint32_t magnitude) {
    return static_cast<int>(magnitude >> 23) - 127;
}

FloatRounding float_rounding(Rounding rounding) {
    switch (rounding) {
        case Rounding::nearest_even: return FloatRounding::nearest_even;
        case Rounding::toward_zero: return FloatRounding::toward_zero;
        case Rounding::stochastic: return FloatRounding::stochastic;
    }
    return FloatRounding::nearest_even;
}

}  // namespace

void quantize(const Execution& execution, const TileSource& source, const Tensor& x, const RoundingParams& params,
              Tensor& y) {
    const std::uint32_t largest = max_magnitude(execution, source);
    if (largest >= kInfinity) {
        const std::int64_t index = first_not_finite(execution, source);
        throw InputError(message_at(x, index, "NaN or infinity") + ", expected finite values to quantize");
    }
    const int exponent = std::max(floor_log2(largest) - (14 - params.headroom), kExponentMin);
    const float scale = std::ldexp(1.0f, -exponent);
    const RandomWords random(execution, params, Purpose::quantize);
    const Cut cut = source.cut() == Cut::by_plane ? Cut::by_plane : random.cut();
    for_tiles(execution.pool, source.layout(), cut, [&](const Tile& tile, std::int64_t) {
        alignas(kAlignment) float buffer[kTile];
        alignas(kAlignment) std::uint32_t words[kTile];
        const float* values = source.tile(execution.kernels, tile, buffer);
        execution.kernels.quantize(values, tile.count, scale, mantissa_bound(params.headroom),
                                   float_rounding(params.rounding), random.of(source.layout(), tile, words),
                                   y.mantissas() + tile.begin);
    });
    y.exponent = exponent;
    // The product is exact, or below 1; rounding adds less than 1.
    const auto most = static_cast<std::int32_t>(std::bit_cast<float>(largest) * scale) + 1;
    y.largest_mantissa = std::min(most, mantissa_bound(params.headroom));
    y.non_negative = source.non_negative();
}

}  // namespace dfp16::fast
