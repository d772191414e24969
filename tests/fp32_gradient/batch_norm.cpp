// Batch norm of the FP32 twin.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

struct Statistics {
    Values mean, var;
};

Statistics naive_statistics(const Shape& shape, const Values& x) {
    const auto C = static_cast<std::size_t>(shape[1]);
    const auto pixels = static_cast<std::size_t>(shape[2] * shape[3]);
    const double M = static_cast<double>(x.size()) / static_cast<double>(C);
    Statistics s{Values(C), Values(C)};
    for (std::size_t i = 0; i < x.size(); ++i) s.mean[i / pixels % C] += x[i] / M;
    for (std::size_t i = 0; i < x.size(); ++i) s.var[i / pixels % C] += std::pow(x[i] - s.mean[i / pixels % C], 2) / M;
    return s;
}

Values naive_normalized(const Shape& shape, const Values& x, const Statistics& s, const Values& gamma,
                        const Values& beta, double epsilon) {
    const auto C = static_cast<std::size_t>(shape[1]);
    const auto pixels = static_cast<std::size_t>(shape[2] * shape[3]);
    Values y = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i / pixels % C;
        y[i] = (x[i] - s.mean[c]) / std::sqrt(s.var[c] + epsilon) * gamma[c] + beta[c];
    }
    return y;
}

GRADIENT_TEST(Fp32BatchNorm, OpKind::batch_norm_forward, OpKind::batch_norm_backward) {
    const Shape shape = {4, 3, 3, 5};
    const BatchNormParams params{1e-3f, 0.25f};
    Values x = random_values(shape.elements(), 1);
    for (double& value : x) value = static_cast<float>(value + 0.5);
    const Values gamma = random_values(3, 2);
    const Values beta = random_values(3, 3);
    const Values running_mean = random_values(3, 4);
    const Values running_var = {0.5, 1.0, 2.0};
    const Values dy = random_values(shape.elements(), 5);
    const auto outputs = run_operation(OpKind::batch_norm_forward, params,
                                       {tensor_of(shape, x), tensor_of({3}, gamma), tensor_of({3}, beta),
                                        tensor_of({3}, running_mean), tensor_of({3}, running_var)},
                                       {shape, {3}, {3}, {3}, {3}});
    const Statistics s = naive_statistics(shape, x);
    const double epsilon = params.epsilon;
    const auto normalized = [&](const Values& v, const Values& g, const Values& b) {
        return naive_normalized(shape, v, naive_statistics(shape, v), g, b, epsilon);
    };
    expect_near(outputs[0], normalized(x, gamma, beta), 1e-6, "y");
    expect_near(outputs[1], s.mean, 1e-6, "mean");
    Values invstd(3), new_mean(3), new_var(3);
    for (std::size_t c = 0; c < 3; ++c) {
        invstd[c] = 1 / std::sqrt(s.var[c] + epsilon);
        new_mean[c] = 0.75 * running_mean[c] + 0.25 * s.mean[c];
        new_var[c] = 0.75 * running_var[c] + 0.25 * s.var[c] * 60 / 59;
    }
    expect_near(outputs[2], invstd, 1e-6, "invstd");
    expect_near(outputs[3], new_mean, 1e-6, "running_mean");
    expect_near(outputs[4], new_var, 1e-6, "running_var");

    const auto gradients = run_operation(
        OpKind::batch_norm_backward, params,
        {tensor_of(shape, x), tensor_of(shape, dy), tensor_of({3}, gamma), outputs[1], outputs[2]}, {shape, {3}, {3}});
    expect_gradient(
        gradients[0], [&](const Values& v) { return normalized(v, gamma, beta); }, x, dy, "dx");
    expect_gradient(
        gradients[1], [&](const Values& v) { return normalized(x, v, beta); }, gamma, dy, "dgamma");
    expect_gradient(
        gradients[2], [&](const Values& v) { return normalized(x, gamma, v); }, beta, dy, "dbeta");
}

TEST(Fp32BatchNormStatistics, InPlace) {
    const Shape shape = {2, 1, 1, 2};
    const auto outputs = run_operation(OpKind::batch_norm_forward, BatchNormParams{0.0f, 0.5f},
                                       {tensor_of(shape, {1, 2, 3, 6}), tensor_of({1}, {1}), tensor_of({1}, {0}),
                                        tensor_of({1}, {0}), tensor_of({1}, {0})},
                                       {shape, {1}, {1}, {1}, {1}}, 2, {-1, -1, -1, 3, 4});
    EXPECT_FLOAT_EQ(outputs[3].fp32()[0], 2.25f);           // mean 3 taken by halves twice
    EXPECT_FLOAT_EQ(outputs[4].fp32()[0], 0.75f * 14 / 3);  // unbiased variance 14/3
}

TEST(Fp32BatchNormInference, Values) {
    const Shape shape = {2, 3, 4, 2};
    const Values x = random_values(shape.elements(), 1);
    const Values gamma = random_values(3, 2);
    const Values beta = random_values(3, 3);
    const Statistics s{random_values(3, 4), {0.5, 1.0, 2.0}};
    const HostTensor y = run_operation(OpKind::batch_norm_inference, BatchNormParams{},
                                       {tensor_of(shape, x), tensor_of({3}, gamma), tensor_of({3}, beta),
                                        tensor_of({3}, s.mean), tensor_of({3}, s.var)},
                                       {shape})[0];
    expect_near(y, naive_normalized(shape, x, s, gamma, beta, double{1e-5f}), 1e-6, "y");
}

}  // namespace
}  // namespace dfp16::test
