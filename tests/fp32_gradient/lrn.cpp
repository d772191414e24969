// Local response normalization of the FP32 twin.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

/// x / (k + alpha / n * sum of x^2 over n channels)^0.75
Values naive_lrn(const Shape& shape, const LrnParams& lrn, const Values& x) {
    const std::int64_t C = shape[1];
    const std::int64_t pixels = shape.elements() / (shape[0] * C);
    Values y = x;
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        const std::int64_t c = i / pixels % C;
        double sum = 0.0;
        for (std::int64_t distance = -(lrn.size - 1) / 2; distance <= (lrn.size - 1) / 2; ++distance) {
            if (c + distance < 0 || c + distance >= C) continue;
            sum += std::pow(x[static_cast<std::size_t>(i + distance * pixels)], 2);
        }
        y[static_cast<std::size_t>(i)] /=
            std::pow(lrn.k + double{lrn.alpha} / static_cast<double>(lrn.size) * sum, 0.75);
    }
    return y;
}

GRADIENT_TEST(Fp32Lrn, OpKind::lrn_forward, OpKind::lrn_backward) {
    for (const LrnParams lrn :
         {LrnParams{5, 2.0f, 1.0f}, {1, 0.5f, 2.0f}, {3, 4.0f, 0.5f}, {15, 8.0f, 2.0f}, {5, 1e-4f, 1.0f}}) {
        for (const Shape& shape : {Shape{3, 7, 4, 5}, Shape{2, 1, 3, 2}, Shape{2, 12, 1, 1}, Shape{5, 9}}) {
            SCOPED_TRACE(testing::Message() << "size " << lrn.size << " on " << shape.text());
            const Values x = random_values(shape.elements(), 1);
            const Values dy = random_values(shape.elements(), 2);
            const HostTensor tx = tensor_of(shape, x);
            const Forward forward = [&](const Values& v) { return naive_lrn(shape, lrn, v); };
            expect_near(run_operation(OpKind::lrn_forward, lrn, {tx}, {shape})[0], forward(x), 1e-6, "y");
            const HostTensor dx = run_operation(OpKind::lrn_backward, lrn, {tx, tensor_of(shape, dy)}, {shape})[0];
            expect_gradient(dx, forward, x, dy, "dx");
            expect_same_bits(run_operation(OpKind::lrn_backward, lrn, {tx, tensor_of(shape, dy)}, {shape}, 1)[0], dx,
                             "dx");
        }
    }
}

}  // namespace
}  // namespace dfp16::test
