#include <cmath>
#include <utility>
#include <vector>

#include "fastpath/elementwise/channel_sums.h"
#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

namespace {

/// An FP32 sum for each image, then the tree over images.
void bias_gradient_fp32(const Execution& execution, const Tensor& dy, Tensor& db) {
    const std::int64_t channels = dy.layout.blocks() * kBlock;
    std::vector<float> sums(static_cast<std::size_t>(dy.layout.N * channels));
    for_planes(execution.pool, dy.layout, [&](std::int64_t plane) {
        execution.kernels.channel_sums_fp32(dy.fp32() + plane * dy.layout.HW * kBlock, dy.layout.HW,
                                            sums.data() + plane * kBlock);
    });
    for (std::int64_t k = 0; k < dy.layout.C; ++k) {
        std::vector<float> images;
        for (std::int64_t n = 0; n < dy.layout.N; ++n) {
            images.push_back(sums[static_cast<std::size_t>(n * channels + k)]);
        }
        db.fp32()[k] = tree_sum(std::move(images));
    }
}

}  // namespace

void bias_gradient(const Execution& execution, const Tensor& dy, Tensor& db) {
    if (dy.type == ElementType::fp32) return bias_gradient_fp32(execution, dy, db);
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
