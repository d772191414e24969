#include <algorithm>
#include <atomic>

#include "fastpath/atomic_max.h"
#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/gathering.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/pool_plane.h"
#include "fastpath/elementwise/window.h"
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

namespace {

/// The gradient of one plane as integers: complete(first, end, sums) is told of its rows, some at a time, when no row
/// of dy reaches them any more. No others are kept, so that a first-level cache holds them.
template <typename Complete>
void sum_plane(const KernelTable& kernels, const PoolPlane& g, const std::int16_t* x, const std::int16_t* dy,
               const Complete& complete) {
    const std::int64_t row = g.W * kBlock;
    const std::int64_t most_rows = std::max(g.R, g.stride_h);
    auto* sums = kept<std::int32_t>(Kept::pool_sums, most_rows * row);
    std::int64_t completed = 0;  // the row that sums begin with
    std::int64_t cleared = 0;
    const auto clear_to = [&](std::int64_t end) {
        if (end > cleared) std::fill(sums + (cleared - completed) * row, sums + (end - completed) * row, 0);
        cleared = std::max(cleared, end);
    };
    const auto complete_to = [&](std::int64_t end) {
        if (end <= completed) return;
        complete(completed, end, sums);
        std::copy(sums + (end - completed) * row, sums + (cleared - completed) * row, sums);
        completed = end;
    };
    for (std::int64_t p = 0; p < g.P; ++p) {
        const Window rows = window_of(p, g.stride_h, g.pad_h, g.R, g.H);
        clear_to(rows.end);
        kernels.max_pool_backward(g, p, x, dy, sums + (rows.first - completed) * row);
        complete_to(std::min(cleared, window_of(p + 1, g.stride_h, g.pad_h, g.R, g.H).first));
    }
    complete_to(cleared);
    while (completed < g.H) {
        clear_to(std::min(g.H, completed + most_rows));
        complete_to(cleared);
    }
}

}  // namespace

// Sums go to mantissas at once, for the exponent of the step before; if it has another, all again.
void max_pool_backward(const Execution& execution, const Tensor& x, const Tensor& dy, const PoolParams& params,
                       const Tensor& dx, const Tensor* mask, Tensor& dz) {
    const KernelTable& kernels = execution.kernels;
    const PoolPlane geometry = pool_plane(params);
    const RoundingParams& rounding = params.rounding;
    const RandomWords random(execution, rounding, Purpose::down_convert);
    const MaskedTarget target{kernels, dz, mask};
    // visit(tile, sums) for the tiles of a plane.
    const auto for_sums = [&](std::int64_t plane, const auto& visit) {
        sum_plane(kernels, geometry, x.mantissas() + plane * x.layout.HW * kBlock,
                  dy.mantissas() + plane * dy.layout.HW * kBlock,
                  [&](std::int64_t first, std::int64_t end, const std::int32_t* sums) {
                      const std::int64_t begin = first * params.W * kBlock;
                      const std::int64_t count = (end - first) * params.W * kBlock;
                      for (std::int64_t i = 0; i < count; i += kTile) {
                          const std::int64_t at = begin + i;
                          visit(
                              Tile{plane * dz.layout.HW * kBlock + at, std::min(kTile, count - i), plane, at / kBlock},
                              sums + i);
                      }
                  });
    };
    const auto write = [&](const Tile& tile, const std::int32_t* sums, const ShiftRounding& shift) {
        alignas(kAlignment) std::uint32_t words[kTile];
        target.write(tile, [&](std::int16_t* to) {
            kernels.down_convert(sums, tile.count, shift, mantissa_bound(rounding.headroom),
                                 random.of(dz.layout, tile, words), to);
        });
    };
    const bool guessing = !random.needed() && dz.forecast.known();
    const std::int64_t guess = std::max(0, dz.forecast.exponent() - dy.exponent);
    const std::int64_t most = std::min<std::int64_t>(params.R * params.S * 32768, std::int64_t{1} << 31);
    const ShiftRounding guessed = shift_rounding(guess, rounding.rounding, static_cast<std::uint32_t>(most));
    Gathering gathering(dz, guessing, dz.layout.N);
    std::atomic<std::uint32_t> largest{0};
    for_planes(execution.pool, dz.layout, [&](std::int64_t plane) {
        std::uint32_t of_plane = 0;
        for_sums(plane, [&](const Tile& tile, const std::int32_t* sums) {
            if (guessing && guessed.direct) {
                of_plane =
                    std::max(of_plane, target.write_sums(tile, sums, guessed, mantissa_bound(rounding.headroom)));
            } else {
                if (guessing) write(tile, sums, guessed);
                of_plane = std::max(of_plane, kernels.max_magnitude_int32(sums, tile.count));
            }
            gathering.add(kernels, tile, dz.mantissas() + tile.begin, plane / dz.layout.blocks());
        });
        raise_to(largest, of_plane);
    });
    const DownConversion conversion = down_conversion(largest, dy.exponent, rounding.headroom, dx);
    if (guessing && conversion.shift == guess) {
        gathering.give();
    } else {
        const ShiftRounding shift = shift_rounding(conversion.shift, rounding.rounding, conversion.largest);
        for_planes(execution.pool, dz.layout, [&](std::int64_t plane) {
            for_sums(plane, [&](const Tile& tile, const std::int32_t* sums) { write(tile, sums, shift); });
        });
    }
    dz.exponent = conversion.exponent;
    dz.largest_mantissa = mantissa_bound(rounding.headroom);
    dz.forecast.see(conversion.exponent);
}

}  // namespace dfp16::fast
