#include <algorithm>
#include <atomic>

#include "fastpath/atomic_max.h"
#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/pool_plane.h"
#include "fastpath/packing/kept_memory.h"

namespace dfp16::fast {

void max_pool_forward(const Execution& execution, const Tensor& x, const PoolParams& params, Tensor& y) {
    const PoolPlane geometry = pool_plane(params);
    for_planes(execution.pool, y.layout, [&](std::int64_t plane) {
        execution.kernels.max_pool_forward(geometry, x.mantissas() + plane * x.layout.HW * kBlock,
                                           y.mantissas() + plane * y.layout.HW * kBlock);
    });
    y.exponent = x.exponent;
    y.largest_mantissa = x.largest_mantissa;
    y.non_negative = x.non_negative;
}

// Plane by plane: the sums of a plane go to mantissas while a cache holds them, for the exponent of the step before; if
// it has another, all again.
void max_pool_backward(const Execution& execution, const Tensor& x, const Tensor& dy, const PoolParams& params,
                       Tensor& dx) {
    const KernelTable& kernels = execution.kernels;
    const PoolPlane geometry = pool_plane(params);
    const RoundingParams& rounding = params.rounding;
    const RandomWords random(execution, rounding, Purpose::down_convert);
    const std::int64_t elements = dx.layout.HW * kBlock;
    const auto sums_of = [&](std::int64_t plane) {
        auto* sums = kept<std::int32_t>(Kept::pool_sums, elements);
        kernels.max_pool_backward(geometry, x.mantissas() + plane * x.layout.HW * kBlock,
                                  dy.mantissas() + plane * dy.layout.HW * kBlock, sums);
        return sums;
    };
    const auto write = [&](std::int64_t plane, const std::int32_t* sums, const ShiftRounding& shift) {
        alignas(kAlignment) std::uint32_t words[kTile];
        for (std::int64_t i = 0; i < elements; i += kTile) {
            const Tile tile{plane * elements + i, std::min(kTile, elements - i), plane, i / kBlock};
            kernels.down_convert(sums + i, tile.count, shift, mantissa_bound(rounding.headroom),
                                 random.of(dx.layout, tile, words), dx.mantissas() + tile.begin);
        }
    };
    const bool guessing = !random.needed() && dx.forecast.known();
    const std::int64_t guess = std::max(0, dx.forecast.exponent() - dy.exponent);
    const std::int64_t most = std::min<std::int64_t>(params.R * params.S * 32768, std::int64_t{1} << 31);
    const ShiftRounding guessed = shift_rounding(guess, rounding.rounding, static_cast<std::uint32_t>(most));
    std::atomic<std::uint32_t> largest{0};
    for_planes(execution.pool, dx.layout, [&](std::int64_t plane) {
        const std::int32_t* sums = sums_of(plane);
        if (guessing) write(plane, sums, guessed);
        raise_to(largest, kernels.max_magnitude_int32(sums, elements));
    });
    const DownConversion conversion = down_conversion(largest, dy.exponent, rounding.headroom, dx);
    if (!guessing || conversion.shift != guess) {
        const ShiftRounding shift = shift_rounding(conversion.shift, rounding.rounding, conversion.largest);
        for_planes(execution.pool, dx.layout, [&](std::int64_t plane) { write(plane, sums_of(plane), shift); });
    }
    dx.exponent = conversion.exponent;
    dx.largest_mantissa = mantissa_bound(rounding.headroom);
    dx.forecast.see(conversion.exponent);
}

}  // namespace dfp16::fast
