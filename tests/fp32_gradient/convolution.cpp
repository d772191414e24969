// Convolution of the FP32 twin.
#include <gtest/gtest.h>

#include <array>

#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

ConvParams conv_of(std::int64_t N, std::int64_t C, std::int64_t H, std::int64_t W, std::int64_t K, std::int64_t R,
                   std::int64_t S, std::array<std::int64_t, 2> stride, std::array<std::int64_t, 2> pad,
                   std::int64_t groups) {
    ConvParams conv{N, C, H, W, K, R, S, 0, 0, stride, pad, groups, {}};
    conv.P = output_size(H, R, stride[0], pad[0]);
    conv.Q = output_size(W, S, stride[1], pad[1]);
    return conv;
}

Values naive_conv(const ConvParams& c, const Values& x, const Values& w) {
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t Kg = c.K / c.groups;
    Values y;
    for (std::int64_t n = 0; n < c.N; ++n) {
        for (std::int64_t k = 0; k < c.K; ++k) {
            for (std::int64_t pq = 0; pq < c.P * c.Q; ++pq) {
                double sum = 0.0;
                for (std::int64_t crs = 0; crs < Cg * c.R * c.S; ++crs) {
                    const std::int64_t channel = k / Kg * Cg + crs / (c.R * c.S);
                    const std::int64_t i = pq / c.Q * c.stride[0] - c.pad[0] + crs / c.S % c.R;
                    const std::int64_t j = pq % c.Q * c.stride[1] - c.pad[1] + crs % c.S;
                    if (i < 0 || i >= c.H || j < 0 || j >= c.W) continue;
                    sum += x[static_cast<std::size_t>(((n * c.C + channel) * c.H + i) * c.W + j)] *
                           w[static_cast<std::size_t>(k * Cg * c.R * c.S + crs)];
                }
                y.push_back(sum);
            }
        }
    }
    return y;
}

struct ConvCase {
    const char* name;
    ConvParams conv;
    std::size_t every;  // of the gradient's elements, how many to compare
};

void check_convolution(const ConvCase& test) {
    const ConvParams& c = test.conv;
    const Shape x_shape = {c.N, c.C, c.H, c.W};
    const Shape w_shape = {c.K, c.C / c.groups, c.R, c.S};
    const Shape y_shape = {c.N, c.K, c.P, c.Q};
    const Values x = random_values(x_shape.elements(), 1);
    const Values w = random_values(w_shape.elements(), 2);
    const Values dy = random_values(y_shape.elements(), 3);
    const HostTensor tx = tensor_of(x_shape, x);
    const HostTensor tw = tensor_of(w_shape, w);
    const HostTensor tdy = tensor_of(y_shape, dy);
    std::vector<HostTensor> first;
    for (const int threads : {1, 2, 3}) {
        const HostTensor y = run_operation(OpKind::conv_forward, c, {tx, tw}, {y_shape}, threads)[0];
        const HostTensor dx = run_operation(OpKind::conv_backward_data, c, {tdy, tw}, {x_shape}, threads)[0];
        const HostTensor dw = run_operation(OpKind::conv_weight_gradient, c, {tx, tdy}, {w_shape}, threads)[0];
        if (threads == 1) {
            expect_near(y, naive_conv(c, x, w), 1e-6, "y");
            expect_gradient(
                dx, [&](const Values& v) { return naive_conv(c, v, w); }, x, dy, "dx", test.every);
            expect_gradient(
                dw, [&](const Values& v) { return naive_conv(c, x, v); }, w, dy, "dw", test.every);
            first = {y, dx, dw};
        } else {
            expect_same_bits(y, first[0], "y");
            expect_same_bits(dx, first[1], "dx");
            expect_same_bits(dw, first[2], "dw");
        }
    }
}

GRADIENT_TEST(Fp32Conv, OpKind::conv_forward, OpKind::conv_backward_data, OpKind::conv_weight_gradient) {
    const ConvCase cases[] = {
        {"plain3x3", conv_of(2, 3, 6, 5, 4, 3, 3, {1, 1}, {0, 0}, 1), 1},
        {"padded", conv_of(2, 3, 6, 5, 4, 3, 3, {1, 1}, {1, 1}, 1), 1},
        {"padded_beyond_window", conv_of(1, 2, 4, 4, 3, 2, 3, {1, 2}, {3, 4}, 1), 1},
        {"strided", conv_of(3, 2, 7, 9, 4, 3, 3, {2, 3}, {1, 0}, 1), 1},
        {"stride_beyond_window", conv_of(2, 2, 8, 7, 3, 1, 2, {3, 3}, {0, 1}, 1), 1},
        {"asymmetric", conv_of(2, 3, 6, 8, 2, 2, 5, {2, 1}, {0, 2}, 1), 1},
        {"groups", conv_of(2, 6, 5, 5, 4, 3, 3, {1, 1}, {1, 1}, 2), 1},
        {"depthwise_strided", conv_of(2, 4, 6, 6, 4, 3, 3, {2, 2}, {1, 1}, 4), 1},
        {"images_in_blocks", conv_of(11, 2, 5, 4, 4, 3, 2, {1, 1}, {1, 0}, 2), 1},
        {"pointwise", conv_of(3, 5, 4, 4, 6, 1, 1, {1, 1}, {0, 0}, 1), 1},
        {"pointwise_groups_in_blocks", conv_of(9, 4, 3, 3, 6, 1, 1, {1, 1}, {0, 0}, 2), 1},
        {"pointwise_strips", conv_of(2, 4, 31, 29, 6, 1, 1, {1, 1}, {0, 0}, 2), 97},
        {"rows_in_strips", conv_of(2, 2, 37, 33, 4, 3, 3, {1, 1}, {1, 1}, 1), 61},
        {"strided_strips", conv_of(2, 2, 61, 65, 2, 5, 3, {2, 2}, {2, 1}, 2), 131},
        {"window_is_image", conv_of(4, 3, 5, 4, 7, 5, 4, {1, 1}, {0, 0}, 1), 1},
        {"alexnet_conv1", conv_of(2, 3, 31, 27, 4, 11, 11, {4, 4}, {2, 2}, 1), 53},
        {"eleven_in_groups", conv_of(2, 4, 19, 15, 6, 11, 11, {3, 2}, {5, 4}, 2), 89},
        {"alexnet_conv2", conv_of(2, 8, 9, 9, 6, 5, 5, {1, 1}, {2, 2}, 2), 17},
        {"resnet_conv1", conv_of(2, 3, 20, 18, 5, 7, 7, {2, 2}, {3, 3}, 1), 31},
    };
    for (const ConvCase& test : cases) {
        SCOPED_TRACE(test.name);
        check_convolution(test);
    }
}

}  // namespace
}  // namespace dfp16::test
