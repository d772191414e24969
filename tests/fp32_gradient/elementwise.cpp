// Bias, ReLU and residual add of the FP32 twin.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

GRADIENT_TEST(Fp32Bias, OpKind::bias_forward, OpKind::bias_gradient) {
    for (const Shape& shape : {Shape{3, 5, 4, 7}, Shape{6, 5}}) {
        const Values x = random_values(shape.elements(), 1);
        const Values b = random_values(5, 2);
        const Values dy = random_values(shape.elements(), 3);
        const std::size_t pixels = shape.rank() == 4 ? 28 : 1;
        const Forward of_b = [&](const Values& v) {
            Values y = x;
            for (std::size_t i = 0; i < y.size(); ++i) y[i] += v[i / pixels % 5];
            return y;
        };
        const HostTensor y =
            run_operation(OpKind::bias_forward, {}, {tensor_of(shape, x), tensor_of({5}, b)}, {shape})[0];
        expect_near(y, of_b(b), 1e-6, "y");
        expect_gradient(run_operation(OpKind::bias_gradient, {}, {tensor_of(shape, dy)}, {{5}})[0], of_b, b, dy, "db");
    }
}

GRADIENT_TEST(Fp32Relu, OpKind::relu_forward, OpKind::relu_backward) {
    const Shape shape = {2, 3, 5, 4};
    const Values x = spread_values(120, 1);
    const Values dy = random_values(120, 2);
    const Forward relu = [](const Values& v) {
        Values y = v;
        for (double& value : y) value = value > 0 ? value : 0.0;
        return y;
    };
    const HostTensor y = run_operation(OpKind::relu_forward, {}, {tensor_of(shape, x)}, {shape})[0];
    expect_near(y, relu(x), 1e-7, "y");
    expect_gradient(run_operation(OpKind::relu_backward, {}, {tensor_of(shape, dy), y}, {shape})[0], relu, x, dy, "dx");
}

TEST(Fp32Relu, ZeroGivesPlusZeroAndNoGradient) {
    const HostTensor x = tensor_of({1, 2}, {-0.0, 0.0});
    const HostTensor y = run_operation(OpKind::relu_forward, {}, {x}, {{1, 2}})[0];
    EXPECT_EQ(y.bits(0), 0u);
    EXPECT_EQ(run_operation(OpKind::relu_backward, {}, {tensor_of({1, 2}, {1, 1}), y}, {{1, 2}})[0].bits(1), 0u);
}

/// The gradient of a sum is dy for both operands; with ReLU, what relu_backward makes of dy and the sum.
GRADIENT_TEST(Fp32Add, OpKind::add, OpKind::relu_backward) {
    const Shape shape = {2, 3, 5, 4};
    const Values a = spread_values(120, 1);
    Values b = a;  // b - a and so a + b, too, keep away from zero
    const Values dy = random_values(120, 3);
    std::reverse(b.begin(), b.end());
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = 2 * b[i];
    for (const bool relu : {false, true}) {
        const auto sum = [&](const Values& u, const Values& v) {
            Values y = u;
            for (std::size_t i = 0; i < y.size(); ++i) y[i] = relu ? std::max(u[i] + v[i], 0.0) : u[i] + v[i];
            return y;
        };
        const HostTensor y =
            run_operation(OpKind::add, AddParams{{}, relu}, {tensor_of(shape, a), tensor_of(shape, b)}, {shape})[0];
        expect_near(y, sum(a, b), 1e-7, "y");
        HostTensor gradient = tensor_of(shape, dy);
        if (relu) gradient = run_operation(OpKind::relu_backward, {}, {gradient, y}, {shape})[0];
        expect_gradient(
            gradient, [&](const Values& v) { return sum(v, b); }, a, dy, "da");
        expect_gradient(
            gradient, [&](const Values& v) { return sum(a, v); }, b, dy, "db");
    }
}

}  // namespace
}  // namespace dfp16::test
