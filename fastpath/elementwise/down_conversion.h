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

/// Where mantissas go, tile by tile: to y; 0 where `mask` of the same layout, if there is one, is not above zero.
struct MaskedTarget {
    const KernelTable& kernels;
    Tensor& y;
    const Tensor* mask = nullptr;

    /// write(to) writes the tile's mantissas.
    template <typename Write>
    void write(const Tile& tile, const Write& write) const {
        if (mask == nullptr) return write(y.mantissas() + tile.begin);
        alignas(kAlignment) std::int16_t unmasked[kTile];
        write(unmasked);
        kernels.relu_backward_int16(unmasked, mask->mantissas() + tile.begin, tile.count, y.mantissas() + tile.begin);
    }
    /// The tile's sums, rounded directly. Gives the largest magnitude among them.
    std::uint32_t write_sums(const Tile& tile, const std::int32_t* sums, const ShiftRounding& rounding,
                             std::int32_t limit) const {
        const bool bits = mask != nullptr && mask->positive.words() != nullptr;
        return kernels.sums_to_mantissas(
            {sums, rounding, limit, mask == nullptr ? nullptr : mask->mantissas() + tile.begin,
             bits ? mask->positive.words() + tile.begin / kBlock : nullptr, y.mantissas() + tile.begin},
            tile.count);
    }
};

/// Rounds all integers into the target. integers(tile, buffer) gives those of a tile, in `buffer` of kTile or
/// elsewhere.
template <typename Integers>
void write_down_converted(const Execution& execution, const DownConversion& conversion, const RoundingParams& params,
                          Cut cut, const Integers& integers, const MaskedTarget& target) {
    Tensor& y = target.y;
    const RandomWords random(execution, params, Purpose::down_convert);
    const ShiftRounding rounding = shift_rounding(conversion.shift, params.rounding, conversion.largest);
    const Cut finest = cut == Cut::by_plane ? cut : random.cut();
    for_tiles(execution.pool, y.layout, finest, [&](const Tile& tile, std::int64_t) {
        alignas(kAlignment) std::int32_t buffer[kTile];
        alignas(kAlignment) std::uint32_t words[kTile];
        const std::int32_t* v = integers(tile, buffer);
        target.write(tile, [&](std::int16_t* to) {
            execution.kernels.down_convert(v, tile.count, rounding, mantissa_bound(params.headroom),
                                           random.of(y.layout, tile, words), to);
        });
    });
    y.exponent = conversion.exponent;
    y.largest_mantissa = mantissa_bound(params.headroom);
}

}  // namespace dfp16::fast
