// INT32 to INT16 by the largest magnitude (contract section 6): the end of down-convert, multiply, add, and the
// backward pass of max pooling.
#pragma once

#include <cstdint>

#include "fastpath/elementwise/execution.h"
#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/random_words.h"
#include "fastpath/elementwise/tiles.h"
#include "fastpath/tensor.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

/// round(v * 2^-shift), shift >= 0, for magnitudes up to `largest`, at most 2^31.
ShiftRounding shift_rounding(std::int64_t shift, Rounding rounding, std::uint32_t largest);

struct DownConversion {
    std::int64_t shift = 0;
    int exponent = 0;
    std::uint32_t largest = 0;  ///< magnitude before it
};

/// For integers of exponent `exponent`, the largest magnitude being `largest`. Throws InputError that starts with the
/// name of y for an exponent beyond 113.
DownConversion down_conversion(std::uint32_t largest, int exponent, int headroom, const Tensor& y);

/// Rounds all integers into y. integers(tile, buffer) gives those of a tile, in `buffer` of kTile or elsewhere.
template <typename Integers>
void write_down_converted(const Execution& execution, const DownConversion& conversion, const RoundingParams& params,
                          Cut cut, const Integers& integers, Tensor& y) {
    const RandomWords random(execution, params, Purpose::down_convert);
    const ShiftRounding rounding = shift_rounding(conversion.shift, params.rounding, conversion.largest);
    const Cut finest = cut == Cut::by_plane ? cut : random.cut();
    for_tiles(execution.pool, y.layout, finest, [&](const Tile& tile, std::int64_t) {
        alignas(kAlignment) std::int32_t buffer[kTile];
        alignas(kAlignment) std::uint32_t words[kTile];
        execution.kernels.down_convert(integers(tile, buffer), tile.count, rounding, mantissa_bound(params.headroom),
                                       random.of(y.layout, tile, words), y.mantissas() + tile.begin);
    });
    y.exponent = conversion.exponent;
    y.largest_mantissa = mantissa_bound(params.headroom);
}

}  // namespace dfp16::fast
