#include <algorithm>
#include <bit>
#include <cmath>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/random_words.h"
#include "fastpath/streaming.h"

namespace dfp16::fast {

namespace {

constexpr std::uint32_t kInfinity = 0x7F800000u;

FloatRounding float_rounding(Rounding rounding) {
    switch (rounding) {
        case Rounding::nearest_even: return FloatRounding::nearest_even;
        case Rounding::toward_zero: return FloatRounding::toward_zero;
        case Rounding::stochastic: return FloatRounding::stochastic;
    }
    return FloatRounding::nearest_even;
}

}  // namespace

void require_finite(const Execution& execution, std::uint32_t largest, const TileSource& source, const Tensor& x) {
    if (largest < kInfinity) return;
    const std::int64_t index = first_not_finite(execution, source);
    throw InputError(message_at(x, index, "NaN or infinity") + ", expected finite values to quantize");
}

void quantize(const Execution& execution, const TileSource& source, const Tensor& x, const RoundingParams& params,
              Tensor& y) {
    const KernelTable& kernels = execution.kernels;
    const RandomWords random(execution, params, Purpose::quantize);
    const bool marks = y.positive.memory != nullptr && kernels.marks_positive && source.marks_positive() &&
                       params.rounding == Rounding::nearest_even;
    const bool stream = streams(y.mantissas(), 2 * y.layout.elements());
    // Gives the bits of the tile's largest magnitude, unless that of all is known.
    const auto write = [&](const Tile& tile, int exponent) {
        const ToMantissas to{std::ldexp(1.0f, -exponent), mantissa_bound(params.headroom),
                             marks ? y.positive.memory + tile.begin / kBlock : nullptr, stream};
        std::int16_t* const mantissas = y.mantissas() + tile.begin;
        if (params.rounding == Rounding::nearest_even) return source.quantize_tile(kernels, tile, to, mantissas);
        alignas(kAlignment) float buffer[kTile];
        alignas(kAlignment) std::uint32_t words[kTile];
        const float* values = source.tile(kernels, tile, buffer);
        kernels.quantize(values, tile.count, to.scale, to.limit, float_rounding(params.rounding),
                         random.of(source.layout(), tile, words), mantissas);
        return source.known_max() ? 0 : kernels.max_magnitude_fp32(values, tile.count);
    };
    const Cut cut = source.cut() == Cut::by_plane ? Cut::by_plane : random.cut();
    const Tiles tiles(source.layout(), cut, params.rounding == Rounding::nearest_even ? source.tile_elements() : kTile);
    // If the largest magnitude is not known, it is looked for while mantissas are written for the exponent of the step
    // before.
    const bool guessing = !source.known_max() && !random.needed() && y.forecast.known();
    const int guess = y.forecast.exponent();
    const std::uint32_t largest =
        guessing
            ? max_over_tiles(execution.pool, tiles, [&](const Tile& tile, std::int64_t) { return write(tile, guess); })
            : max_magnitude(execution, source);
    require_finite(execution, largest, source, x);
    const int exponent = exponent_of(largest, params.headroom);
    if (!guessing || exponent != guess) {
        for_tiles(execution.pool, tiles, [&](const Tile& tile, std::int64_t) { write(tile, exponent); });
    }
    y.positive.written = marks;
    y.exponent = exponent;
    y.forecast.see(exponent);
    y.largest_mantissa = largest_mantissa_of(largest, exponent, params.headroom);
    y.non_negative = source.non_negative();
}

}  // namespace dfp16::fast
