#include "fastpath/elementwise/down_conversion.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/pool_plane.h"

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

void max_pool_backward(const Execution& execution, const Tensor& x, const Tensor& dy, const PoolParams& params,
                       Tensor& dx) {
    const KernelTable& kernels = execution.kernels;
    const PoolPlane geometry = pool_plane(params);
    auto* sums = reinterpret_cast<std::int32_t*>(
        execution.workspace.take(static_cast<std::size_t>(dx.layout.elements()) * sizeof(std::int32_t)));
    for_planes(execution.pool, dx.layout, [&](std::int64_t plane) {
        kernels.max_pool_backward(geometry, x.mantissas() + plane * x.layout.HW * kBlock,
                                  dy.mantissas() + plane * dy.layout.HW * kBlock, sums + plane * dx.layout.HW * kBlock);
    });
    const std::uint32_t largest = max_over_tiles(execution.pool, dx.layout, Cut::anywhere, [&](const Tile& tile) {
        return kernels.max_magnitude_int32(sums + tile.begin, tile.count);
    });
    write_down_converted(
        execution, down_conversion(largest, dy.exponent, params.rounding.headroom, dx), params.rounding, Cut::anywhere,
        [&](const Tile& tile, std::int32_t*) { return sums + tile.begin; }, dx);
}

}  // namespace dfp16::fast
