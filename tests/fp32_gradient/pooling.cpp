// Pooling of the FP32 twin.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/fp32_gradient/helpers.h"

namespace dfp16::test {
namespace {

PoolParams pool_of(std::int64_t H, std::int64_t W, std::int64_t R, std::int64_t S, std::array<std::int64_t, 2> stride,
                   std::array<std::int64_t, 2> pad, SizeRounding size = SizeRounding::floor) {
    PoolParams pool{3, 2, H, W, R, S, 0, 0, stride, pad, {}, size};
    pool.P = pooled_size(H, R, stride[0], pad[0], size);
    pool.Q = pooled_size(W, S, stride[1], pad[1], size);
    return pool;
}

/// The average is over the window's positions within the padded plane.
Values naive_pool(const PoolParams& c, const Values& x, bool maximum) {
    Values y;
    for (std::int64_t plane = 0; plane < c.N * c.C; ++plane) {
        for (std::int64_t pq = 0; pq < c.P * c.Q; ++pq) {
            double sum = 0.0;
            double positions = 0.0;
            double largest = -1e30;
            for (std::int64_t rs = 0; rs < c.R * c.S; ++rs) {
                const std::int64_t i = pq / c.Q * c.stride[0] - c.pad[0] + rs / c.S;
                const std::int64_t j = pq % c.Q * c.stride[1] - c.pad[1] + rs % c.S;
                positions += i < c.H + c.pad[0] && j < c.W + c.pad[1] ? 1.0 : 0.0;
                if (i < 0 || i >= c.H || j < 0 || j >= c.W) continue;
                const double value = x[static_cast<std::size_t>((plane * c.H + i) * c.W + j)];
                sum += value;
                largest = std::max(largest, value);
            }
            y.push_back(maximum ? largest : sum / positions);
        }
    }
    return y;
}

GRADIENT_TEST(Fp32Pool, OpKind::max_pool_forward, OpKind::max_pool_backward, OpKind::average_pool_forward,
              OpKind::average_pool_backward) {
    for (const PoolParams& pool :
         {pool_of(6, 8, 2, 2, {2, 2}, {0, 0}), pool_of(7, 6, 3, 3, {2, 2}, {1, 1}), pool_of(7, 9, 3, 2, {1, 3}, {2, 0}),
          pool_of(5, 4, 5, 4, {1, 1}, {0, 0}), pool_of(6, 5, 1, 2, {3, 2}, {0, 1}),
          // overlapping, as in AlexNet and GoogLeNet; then ceil sizes with windows cut at one side, both, or none
          pool_of(13, 11, 3, 3, {2, 2}, {0, 0}), pool_of(7, 7, 3, 3, {1, 1}, {1, 1}),
          pool_of(14, 12, 3, 3, {2, 2}, {0, 0}, SizeRounding::ceil),
          pool_of(8, 7, 3, 3, {2, 2}, {1, 0}, SizeRounding::ceil),
          pool_of(9, 9, 3, 3, {2, 2}, {0, 0}, SizeRounding::ceil),
          pool_of(9, 6, 5, 4, {3, 4}, {2, 1}, SizeRounding::ceil),
          pool_of(4, 5, 6, 7, {2, 1}, {0, 0}, SizeRounding::ceil),
          pool_of(6, 8, 2, 2, {3, 4}, {0, 1}, SizeRounding::ceil)}) {
        SCOPED_TRACE(testing::Message() << pool.H << "x" << pool.W << " window " << pool.R << "x" << pool.S
                                        << " output " << pool.P << "x" << pool.Q);
        const Shape x_shape = {pool.N, pool.C, pool.H, pool.W};
        const Shape y_shape = {pool.N, pool.C, pool.P, pool.Q};
        const Values x = spread_values(x_shape.elements(), 1);
        const Values dy = random_values(y_shape.elements(), 2);
        const HostTensor tx = tensor_of(x_shape, x);
        const HostTensor tdy = tensor_of(y_shape, dy);
        for (const bool maximum : {true, false}) {
            const Forward forward = [&](const Values& v) { return naive_pool(pool, v, maximum); };
            const auto kind = maximum ? OpKind::max_pool_forward : OpKind::average_pool_forward;
            expect_near(run_operation(kind, pool, {tx}, {y_shape})[0], forward(x), 1e-6, "y");
            const HostTensor dx = maximum ? run_operation(OpKind::max_pool_backward, pool, {tx, tdy}, {x_shape})[0]
                                          : run_operation(OpKind::average_pool_backward, pool, {tdy}, {x_shape})[0];
            expect_gradient(dx, forward, x, dy, maximum ? "max dx" : "average dx");
        }
    }
}

TEST(Fp32Pool, CeilSizeOfGoogLeNet) {
    const PoolParams pool = pool_of(56, 28, 3, 3, {2, 2}, {0, 0}, SizeRounding::ceil);
    EXPECT_EQ(pool.P, 28);
    EXPECT_EQ(pool.Q, 14);
}

TEST(Fp32Pool, AverageOfACutWindow) {
    PoolParams pool = pool_of(4, 4, 3, 3, {2, 2}, {0, 0}, SizeRounding::ceil);
    pool.N = pool.C = 1;
    const HostTensor x = tensor_of({1, 1, 4, 4}, {9, 9, 9, 1, 9, 9, 9, 2, 9, 9, 9, 3, 4, 5, 9, 11});
    const HostTensor y = run_operation(OpKind::average_pool_forward, pool, {x}, {{1, 1, 2, 2}})[0];
    EXPECT_EQ(y.fp32(), (std::vector<float>{9, 5.5f, 7.5f, 8}));
}

TEST(Fp32Pool, FirstOfEqualElementsTakesTheGradient) {
    PoolParams pool = pool_of(2, 2, 2, 2, {1, 1}, {0, 0});
    pool.N = pool.C = 1;
    const HostTensor x = tensor_of({1, 1, 2, 2}, {1, 3, 3, 3});
    const HostTensor dx =
        run_operation(OpKind::max_pool_backward, pool, {x, tensor_of({1, 1, 1, 1}, {5})}, {x.shape})[0];
    EXPECT_EQ(dx.fp32(), (std::vector<float>{0, 5, 0, 0}));
}

}  // namespace
}  // namespace dfp16::test
