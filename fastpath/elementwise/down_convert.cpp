#include <algorithm>
#include <bit>

#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

ShiftRounding shift_rounding(std::int64_t shift, Rounding rounding, std::uint32_t largest) {
    ShiftRounding r;
    if (shift == 0) return r;
    const bool within = shift < 32;  // otherwise at most the fraction of a stochastic rounding is left
    r.keep = within ? ~std::uint32_t{0} : 0;
    r.shift = within ? static_cast<int>(shift) : 0;
    if (rounding == Rounding::nearest_even && within) {
        r.bias = (std::uint32_t{1} << (shift - 1)) - 1;
        r.odd = 1;
    }
    r.direct = r.odd == 1 && largest < (std::uint32_t{1} << 30);
    if (rounding == Rounding::stochastic && shift < 64) {
        r.fraction = ~std::uint32_t{0};
        r.left = within ? static_cast<int>(32 - shift) : 0;
        r.right = within ? 0 : static_cast<int>(shift - 32);
    }
    return r;
}

DownConversion down_conversion(std::uint32_t largest, int exponent, int headroom, const Tensor& y) {
    if (largest == 0) return {0, kExponentMin, 0};
    const int excess = static_cast<int>(std::bit_width(largest)) - (15 - headroom);
    const int shift = std::max({0, excess, kExponentMin - exponent});
    if (exponent + shift > kExponentMax) {
        throw InputError(y.name + ": exponent " + std::to_string(exponent + shift) +
                         " after down-conversion, expected at most " + std::to_string(kExponentMax));
    }
    return {shift, exponent + shift, largest};
}

void down_convert(const Execution& execution, const Tensor& x, const RoundingParams& params, Tensor& y) {
    const std::uint32_t largest =
        max_over_tiles(execution.pool, x.layout, Cut::anywhere, [&](const Tile& tile, std::int64_t) {
            return execution.kernels.max_magnitude_int32(x.integers() + tile.begin, tile.count);
        });
    write_down_converted(execution, down_conversion(largest, x.exponent, params.headroom, y), params, Cut::anywhere,
                         [&](const Tile& tile, std::int32_t*) { return x.integers() + tile.begin; },
                         {execution.kernels, y});
}

}  // namespace dfp16::fast
