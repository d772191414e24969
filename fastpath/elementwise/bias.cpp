#include <cmath>

#include "fastpath/elementwise/channel_sums.h"
#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

void bias_gradient(const Execution& execution, const Tensor& dy, Tensor& db) {
    const std::int64_t pixels = dy.layout.HW;
    PlaneSums sums(dy.layout);
    for_planes(execution.pool, dy.layout, [&](std::int64_t plane) {
        execution.kernels.channel_sums(dy.mantissas() + plane * pixels * kBlock, pixels, sums.of_plane(plane));
    });
    for (std::int64_t k = 0; k < dy.layout.C; ++k) {
        // The first rounding is the only one: what is not 0 is at least 1, and scales without loss.
        const auto sum = static_cast<float>(sums.of_channel(k));
        db.fp32()[k] = rounded_fp32(std::ldexp(double{sum}, dy.exponent), db, k, "sum");
    }
}

}  // namespace dfp16::fast
