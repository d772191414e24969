#include <algorithm>
#include <cmath>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/pool_plane.h"

namespace dfp16::fast {

namespace {

constexpr std::uint32_t kInfinity = 0x7F800000u;

template <typename Kernel>
void for_pool_planes(const Execution& execution, const Tensor& from, const PoolParams& params, Kernel kernel,
                     Tensor& to) {
    const PoolPlane geometry = pool_plane(params);
    const float scale = std::ldexp(1.0f, from.exponent);
    for_planes(execution.pool, to.layout, [&](std::int64_t plane) {
        kernel(geometry, from.mantissas() + plane * from.layout.HW * kBlock, scale,
               to.fp32() + plane * to.layout.HW * kBlock);
    });
}

/// Quotients of exact sums. A sum beyond FP32 leaves an infinity, which the division keeps.
template <typename Kernel>
void average_exactly(const Execution& execution, const Tensor& from, const PoolParams& params, Kernel kernel,
                     Tensor& to) {
    for_pool_planes(execution, from, params, kernel, to);
    const TileSource result = TileSource::copy_of(to);
    // At most 2^16 mantissas of at most 2^15: below this exponent no sum can leave FP32.
    if (from.exponent >= 127 - 31 && max_magnitude(execution, result) >= kInfinity) {
        throw InputError(message_at(to, first_not_finite(execution, result), "sum beyond FP32"));
    }
}

}  // namespace

void average_pool_forward(const Execution& execution, const Tensor& x, const PoolParams& params, Tensor& y) {
    average_exactly(execution, x, params, execution.kernels.average_pool_forward, y);
}

void average_pool_backward(const Execution& execution, const Tensor& dy, const PoolParams& params, Tensor& dx) {
    if (params.size == SizeRounding::floor) {
        return average_exactly(execution, dy, params, execution.kernels.average_pool_backward, dx);
    }
    reject_beyond_fp32(dy, [](std::int64_t) { return true; });
    for_pool_planes(execution, dy, params, execution.kernels.average_pool_backward_ceil, dx);
}

}  // namespace dfp16::fast
