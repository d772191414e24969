// The FP32 twin against naive binary64 definitions: forward values, and gradients by central differences of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "reference/fp32/fp32_backend.h"
#include "reference/fp32/gemm.h"
#include "sim/philox.h"
#include "sim/types/error.h"

namespace dfp16 {
namespace {

using Values = std::vector<double>;

/// `count` FP32 numbers in [-1, 1), a function of `stream`.
Values random_values(std::int64_t count, std::uint32_t stream) {
    const RandomStream random{7, 0, Purpose::golden_case, stream};
    Values values;
    for (std::int64_t i = 0; i < count; ++i) {
        values.push_back(static_cast<float>(static_cast<std::int32_t>(random.word(static_cast<std::uint64_t>(i)))) *
                         0x1p-31f);
    }
    return values;
}

/// Distinct numbers in random order, at least 0.01 apart and from zero: no kink of ReLU or max is within a difference's
/// step.
Values spread_values(std::int64_t count, std::uint32_t stream) {
    const Values keys = random_values(count, stream);
    Values values(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto rank = std::count_if(keys.begin(), keys.end(), [&](double key) { return key < keys[i]; });
        values[i] = static_cast<float>(0.01 * (static_cast<double>(rank) - static_cast<double>(count) / 2) + 0.005);
    }
    return values;
}

HostTensor tensor_of(const Shape& shape, const Values& values) {
    HostTensor tensor(ElementType::fp32, shape);
    EXPECT_EQ(static_cast<std::size_t>(shape.elements()), values.size());
    std::transform(values.begin(), values.end(), tensor.fp32().begin(), [](double x) { return static_cast<float>(x); });
    return tensor;
}

HostTensor labels_of(const std::vector<std::int32_t>& values) {
    HostTensor tensor(ElementType::label, {static_cast<std::int64_t>(values.size())});
    for (std::size_t i = 0; i < values.size(); ++i) tensor.labels()[i] = Label{values[i]};
    return tensor;
}

/// Runs one operation through the backend. `in_place[o]` is the input that output o updates, or -1.
std::vector<HostTensor> run_operation(OpKind kind, const OpParams& params, const std::vector<HostTensor>& inputs,
                                      const std::vector<Shape>& output_shapes, int threads = 2,
                                      const std::vector<int>& in_place = {}, float learning_rate = 0.0f) {
    Graph graph;
    Operation operation;
    operation.kind = kind;
    operation.layer = "layer";
    operation.params = params;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        operation.inputs.push_back(
            graph.add_tensor({"layer", "in" + std::to_string(i), inputs[i].type(), inputs[i].shape}));
    }
    for (std::size_t o = 0; o < output_shapes.size(); ++o) {
        const int source = o < in_place.size() ? in_place[o] : -1;
        operation.outputs.push_back(
            source >= 0 ? operation.inputs[static_cast<std::size_t>(source)]
                        : graph.add_tensor({"layer", "out" + std::to_string(o), ElementType::fp32, output_shapes[o]}));
    }
    graph.add_operation(operation);
    const auto backend = make_fp32_backend(threads);
    const auto plan = backend->prepare(graph, {});
    for (std::size_t i = 0; i < inputs.size(); ++i) plan->bind(operation.inputs[i], inputs[i]);
    RunContext context;
    context.learning_rate = learning_rate;
    plan->run_all(context);
    plan->run_all(in_place.empty() ? context : RunContext{});  // again: nothing may be left over from the first run
    std::vector<HostTensor> outputs;
    for (const TensorId id : operation.outputs) outputs.push_back(plan->read(id));
    return outputs;
}

void expect_near(const HostTensor& got, const Values& expected, double tolerance, const std::string& what) {
    ASSERT_EQ(got.fp32().size(), expected.size()) << what;
    double largest = 1e-30;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(got.fp32()[i], expected[i], tolerance * largest)
            << what << " " << got.shape.coordinates(static_cast<std::int64_t>(i));
    }
}

using Forward = std::function<Values(const Values&)>;

/// d(sum of dy * forward(x)) / dx[i] for every `every`-th i, against `gradient`.
void expect_gradient(const HostTensor& gradient, const Forward& forward, Values x, const Values& dy,
                     const std::string& what, std::size_t every = 1, double tolerance = 2e-5) {
    ASSERT_EQ(gradient.fp32().size(), x.size()) << what;
    constexpr double kStep = 1e-4;
    const auto objective = [&] {
        const Values y = forward(x);
        double sum = 0.0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * dy[i];
        return sum;
    };
    double largest = 1e-30;
    for (const float value : gradient.fp32()) largest = std::max(largest, static_cast<double>(std::abs(value)));
    ASSERT_GT(largest, 1e-6) << what << ": nothing to compare";
    for (std::size_t i = 0; i < x.size(); i += every) {
        const double kept = x[i];
        x[i] = kept + kStep;
        const double above = objective();
        x[i] = kept - kStep;
        const double below = objective();
        x[i] = kept;
        ASSERT_NEAR(gradient.fp32()[i], (above - below) / (2 * kStep), tolerance * largest)
            << what << " " << gradient.shape.coordinates(static_cast<std::int64_t>(i));
    }
}

void expect_same_bits(const HostTensor& a, const HostTensor& b, const std::string& what) {
    ASSERT_EQ(a.elements(), b.elements()) << what;
    for (std::int64_t i = 0; i < a.elements(); ++i)
        ASSERT_EQ(a.bits(i), b.bits(i)) << what << " " << a.shape.coordinates(i);
}

// ---- Convolution

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

class Fp32Conv : public testing::TestWithParam<ConvCase> {};

TEST_P(Fp32Conv, ValuesAndGradients) {
    const ConvParams& c = GetParam().conv;
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
                dx, [&](const Values& v) { return naive_conv(c, v, w); }, x, dy, "dx", GetParam().every);
            expect_gradient(
                dw, [&](const Values& v) { return naive_conv(c, x, v); }, w, dy, "dw", GetParam().every);
            first = {y, dx, dw};
        } else {
            expect_same_bits(y, first[0], "y");
            expect_same_bits(dx, first[1], "dx");
            expect_same_bits(dw, first[2], "dw");
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Fp32Conv,
    testing::Values(ConvCase{"plain3x3", conv_of(2, 3, 6, 5, 4, 3, 3, {1, 1}, {0, 0}, 1), 1},
                    ConvCase{"padded", conv_of(2, 3, 6, 5, 4, 3, 3, {1, 1}, {1, 1}, 1), 1},
                    ConvCase{"padded_beyond_window", conv_of(1, 2, 4, 4, 3, 2, 3, {1, 2}, {3, 4}, 1), 1},
                    ConvCase{"strided", conv_of(3, 2, 7, 9, 4, 3, 3, {2, 3}, {1, 0}, 1), 1},
                    ConvCase{"stride_beyond_window", conv_of(2, 2, 8, 7, 3, 1, 2, {3, 3}, {0, 1}, 1), 1},
                    ConvCase{"asymmetric", conv_of(2, 3, 6, 8, 2, 2, 5, {2, 1}, {0, 2}, 1), 1},
                    ConvCase{"groups", conv_of(2, 6, 5, 5, 4, 3, 3, {1, 1}, {1, 1}, 2), 1},
                    ConvCase{"depthwise_strided", conv_of(2, 4, 6, 6, 4, 3, 3, {2, 2}, {1, 1}, 4), 1},
                    ConvCase{"images_in_blocks", conv_of(11, 2, 5, 4, 4, 3, 2, {1, 1}, {1, 0}, 2), 1},
                    ConvCase{"pointwise", conv_of(3, 5, 4, 4, 6, 1, 1, {1, 1}, {0, 0}, 1), 1},
                    ConvCase{"pointwise_groups_in_blocks", conv_of(9, 4, 3, 3, 6, 1, 1, {1, 1}, {0, 0}, 2), 1},
                    ConvCase{"pointwise_strips", conv_of(2, 4, 31, 29, 6, 1, 1, {1, 1}, {0, 0}, 2), 97},
                    ConvCase{"rows_in_strips", conv_of(2, 2, 37, 33, 4, 3, 3, {1, 1}, {1, 1}, 1), 61},
                    ConvCase{"strided_strips", conv_of(2, 2, 61, 65, 2, 5, 3, {2, 2}, {2, 1}, 2), 131},
                    ConvCase{"window_is_image", conv_of(4, 3, 5, 4, 7, 5, 4, {1, 1}, {0, 0}, 1), 1}),
    [](const auto& test) { return test.param.name; });

// ---- Matrix products

TEST(Fp32Gemm, EveryIsaAndLayout) {
    std::vector<fp32::Gemm> gemms = {fp32::gemm_portable};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) gemms.push_back(fp32::gemm_avx2);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) gemms.push_back(fp32::gemm_avx512);
    struct Sizes {
        std::int64_t M, N, K;
    };
    for (const Sizes s : {Sizes{1, 1, 1}, {1, 7, 5}, {7, 1, 5}, {5, 7, 1}, {3, 50, 17}, {33, 97, 70}, {64, 130, 300}}) {
        const std::int64_t stride = s.N + 3;
        for (int layout = 0; layout < 8; ++layout) {
            const bool at = layout & 1;
            const bool bt = layout & 2;
            const bool accumulate = layout & 4;
            const HostTensor a = tensor_of({s.M * s.K}, random_values(s.M * s.K, 1));
            const HostTensor b = tensor_of({s.K * s.N}, random_values(s.K * s.N, 2));
            const HostTensor c = tensor_of({s.M * stride}, random_values(s.M * stride, 3));
            for (const fp32::Gemm gemm : gemms) {
                std::vector<float> got = c.fp32();
                gemm({a.fp32().data(), s.M, s.K, at ? s.M : s.K, at}, {b.fp32().data(), s.K, s.N, bt ? s.K : s.N, bt},
                     got.data(), stride, accumulate);
                for (std::int64_t i = 0; i < s.M * stride; ++i) {
                    const std::int64_t m = i / stride;
                    const std::int64_t n = i % stride;
                    const float before = c.fp32()[static_cast<std::size_t>(i)];
                    double sum = accumulate || n >= s.N ? before : 0.0;
                    double magnitude = std::abs(sum);
                    for (std::int64_t k = 0; n < s.N && k < s.K; ++k) {
                        const double product =
                            static_cast<double>(a.fp32()[static_cast<std::size_t>(at ? k * s.M + m : m * s.K + k)]) *
                            b.fp32()[static_cast<std::size_t>(bt ? n * s.K + k : k * s.N + n)];
                        sum += product;
                        magnitude += std::abs(product);
                    }
                    ASSERT_NEAR(got[static_cast<std::size_t>(i)], sum, 1e-6 * magnitude)
                        << s.M << " " << s.N << " " << s.K << " layout " << layout;
                }
            }
        }
    }
}

Values naive_fc(const FcParams& fc, const Values& x, const Values& w) {
    Values y;
    for (std::int64_t n = 0; n < fc.N; ++n) {
        for (std::int64_t k = 0; k < fc.K; ++k) {
            double sum = 0.0;
            for (std::int64_t c = 0; c < fc.C; ++c) {
                sum += x[static_cast<std::size_t>(n * fc.C + c)] * w[static_cast<std::size_t>(k * fc.C + c)];
            }
            y.push_back(sum);
        }
    }
    return y;
}

TEST(Fp32FullyConnected, ValuesAndGradients) {
    for (const FcParams fc : {FcParams{5, 12, 7, {}}, {1, 12, 1, {}}, {3, 60, 101, {}}, {2, 12, 1000, {}}}) {
        const Shape x_shape = {fc.N, fc.C / 12, 4, 3};
        const Shape w_shape = {fc.K, fc.C};
        const Shape y_shape = {fc.N, fc.K};
        const Values x = random_values(fc.N * fc.C, 1);
        const Values w = random_values(fc.K * fc.C, 2);
        const Values dy = random_values(fc.N * fc.K, 3);
        const HostTensor tx = tensor_of(x_shape, x);
        const HostTensor tw = tensor_of(w_shape, w);
        const HostTensor tdy = tensor_of(y_shape, dy);
        expect_near(run_operation(OpKind::fc_forward, fc, {tx, tw}, {y_shape})[0], naive_fc(fc, x, w), 1e-6, "y");
        const auto of_x = [&](const Values& v) { return naive_fc(fc, v, w); };
        const auto of_w = [&](const Values& v) { return naive_fc(fc, x, v); };
        expect_gradient(run_operation(OpKind::fc_backward_data, fc, {tdy, tw}, {x_shape})[0], of_x, x, dy, "dx");
        const HostTensor dw = run_operation(OpKind::fc_weight_gradient, fc, {tx, tdy}, {w_shape})[0];
        expect_gradient(dw, of_w, w, dy, "dw", w.size() > 1000 ? 29 : 1);
        expect_same_bits(run_operation(OpKind::fc_weight_gradient, fc, {tx, tdy}, {w_shape}, 1)[0], dw, "dw");
    }
}

// ---- Elementwise

TEST(Fp32Bias, ValuesAndGradients) {
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

TEST(Fp32Relu, ValuesAndGradients) {
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

TEST(Fp32Add, ValuesWithAndWithoutRelu) {
    const Shape shape = {2, 3, 5, 4};
    const Values a = random_values(120, 1);
    const Values b = random_values(120, 2);
    for (const bool relu : {false, true}) {
        Values sum = a;
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = relu ? std::max(a[i] + b[i], 0.0) : a[i] + b[i];
        const HostTensor y =
            run_operation(OpKind::add, AddParams{{}, relu}, {tensor_of(shape, a), tensor_of(shape, b)}, {shape})[0];
        expect_near(y, sum, 1e-7, "y");
    }
}

// ---- Pooling

PoolParams pool_of(std::int64_t H, std::int64_t W, std::int64_t R, std::int64_t S, std::array<std::int64_t, 2> stride,
                   std::array<std::int64_t, 2> pad) {
    PoolParams pool{3, 2, H, W, R, S, 0, 0, stride, pad, {}};
    pool.P = output_size(H, R, stride[0], pad[0]);
    pool.Q = output_size(W, S, stride[1], pad[1]);
    return pool;
}

Values naive_pool(const PoolParams& c, const Values& x, bool maximum) {
    Values y;
    for (std::int64_t plane = 0; plane < c.N * c.C; ++plane) {
        for (std::int64_t pq = 0; pq < c.P * c.Q; ++pq) {
            double sum = 0.0;
            double largest = -1e30;
            for (std::int64_t rs = 0; rs < c.R * c.S; ++rs) {
                const std::int64_t i = pq / c.Q * c.stride[0] - c.pad[0] + rs / c.S;
                const std::int64_t j = pq % c.Q * c.stride[1] - c.pad[1] + rs % c.S;
                if (i < 0 || i >= c.H || j < 0 || j >= c.W) continue;
                const double value = x[static_cast<std::size_t>((plane * c.H + i) * c.W + j)];
                sum += value;
                largest = std::max(largest, value);
            }
            y.push_back(maximum ? largest : sum / static_cast<double>(c.R * c.S));
        }
    }
    return y;
}

TEST(Fp32Pool, ValuesAndGradients) {
    for (const PoolParams& pool :
         {pool_of(6, 8, 2, 2, {2, 2}, {0, 0}), pool_of(7, 6, 3, 3, {2, 2}, {1, 1}), pool_of(7, 9, 3, 2, {1, 3}, {2, 0}),
          pool_of(5, 4, 5, 4, {1, 1}, {0, 0}), pool_of(6, 5, 1, 2, {3, 2}, {0, 1})}) {
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

TEST(Fp32Pool, FirstOfEqualElementsTakesTheGradient) {
    PoolParams pool = pool_of(2, 2, 2, 2, {1, 1}, {0, 0});
    pool.N = pool.C = 1;
    const HostTensor x = tensor_of({1, 1, 2, 2}, {1, 3, 3, 3});
    const HostTensor dx =
        run_operation(OpKind::max_pool_backward, pool, {x, tensor_of({1, 1, 1, 1}, {5})}, {x.shape})[0];
    EXPECT_EQ(dx.fp32(), (std::vector<float>{0, 5, 0, 0}));
}

// ---- Batch norm

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

TEST(Fp32BatchNorm, ValuesStatisticsAndGradients) {
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

TEST(Fp32BatchNorm, RunningStatisticsInPlace) {
    const Shape shape = {2, 1, 1, 2};
    const auto outputs = run_operation(OpKind::batch_norm_forward, BatchNormParams{0.0f, 0.5f},
                                       {tensor_of(shape, {1, 2, 3, 6}), tensor_of({1}, {1}), tensor_of({1}, {0}),
                                        tensor_of({1}, {0}), tensor_of({1}, {0})},
                                       {shape, {1}, {1}, {1}, {1}}, 2, {-1, -1, -1, 3, 4});
    EXPECT_FLOAT_EQ(outputs[3].fp32()[0], 2.25f);           // mean 3 taken by halves twice
    EXPECT_FLOAT_EQ(outputs[4].fp32()[0], 0.75f * 14 / 3);  // unbiased variance 14/3
}

TEST(Fp32BatchNorm, Inference) {
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

// ---- Loss and update

TEST(Fp32Softmax, ValuesAndGradients) {
    const Shape shape = {5, 7};
    const std::vector<std::int32_t> labels = {0, 6, 3, 3, 1};
    Values z = random_values(35, 1);
    for (double& value : z) value *= 8;
    const auto probabilities = [&](const Values& v) {
        Values p = v;
        for (std::size_t n = 0; n < 5; ++n) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 7; ++j) sum += std::exp(v[n * 7 + j]);
            for (std::size_t j = 0; j < 7; ++j) p[n * 7 + j] = std::exp(v[n * 7 + j]) / sum;
        }
        return p;
    };
    const Forward loss = [&](const Values& v) {
        const Values p = probabilities(v);
        double sum = 0.0;
        for (std::size_t n = 0; n < 5; ++n) sum -= std::log(p[n * 7 + static_cast<std::size_t>(labels[n])]);
        return Values{sum / 5};
    };
    const auto outputs =
        run_operation(OpKind::softmax_forward, {}, {tensor_of(shape, z), labels_of(labels)}, {shape, {1}});
    expect_near(outputs[0], probabilities(z), 1e-6, "p");
    expect_near(outputs[1], loss(z), 1e-6, "loss");
    const HostTensor dz = run_operation(OpKind::softmax_backward, {}, {outputs[0], labels_of(labels)}, {shape})[0];
    expect_gradient(dz, loss, z, {1.0}, "dz");
}

TEST(Fp32Sgd, Update) {
    const Values w = random_values(70000, 1);  // more than one part
    const Values v = random_values(70000, 2);
    const Values dw = random_values(70000, 3);
    const Shape shape = {70000};
    Graph graph;
    Operation update{OpKind::sgd_update, "layer", Pass::update, SgdParams{0.75f, 0.125f}, {}, {}};
    for (const char* name : {"w", "w.momentum", "dw"}) {
        update.inputs.push_back(graph.add_tensor({"layer", name, ElementType::fp32, shape}));
    }
    update.outputs = {0, 1};
    graph.add_operation(update);
    const auto backend = make_fp32_backend(2);
    const auto plan = backend->prepare(graph, {});
    plan->bind(0, tensor_of(shape, w));
    plan->bind(1, tensor_of(shape, v));
    plan->bind(2, tensor_of(shape, dw));
    plan->run(0, RunContext{1, 0, 0.5f});
    Values new_w = w;
    Values new_v = v;
    for (std::size_t i = 0; i < w.size(); ++i) {
        new_v[i] = 0.75 * v[i] + (0.125 * w[i] + dw[i]);
        new_w[i] = w[i] - 0.5 * new_v[i];
    }
    expect_near(plan->read(0), new_w, 1e-6, "w");
    expect_near(plan->read(1), new_v, 1e-6, "v");
}

// ---- What is refused

template <typename Body>
std::string message_of(const Body& body) {
    try {
        body();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no InputError";
}

TEST(Fp32Refuses, GraphsWithIntegers) {
    const auto backend = make_fp32_backend(1);
    Graph integers;
    integers.add_tensor({"conv1", "x", ElementType::mantissa, {2, 2}});
    EXPECT_EQ(message_of([&] { backend->prepare(integers, {}); }),
              "tensor conv1.x is int16: fp32 backend runs FP32 graphs only");
    const HostTensor x = tensor_of({2, 2}, {1, 2, 3, 4});
    EXPECT_EQ(message_of([&] {
                  run_operation(OpKind::quantize, RoundingParams{}, {x}, {{2, 2}});
              }),
              "layer: quantize: fp32 backend runs FP32 graphs only");
    EXPECT_EQ(message_of([&] {
                  run_operation(OpKind::gemm, GemmParams{2, 2, 2, {}}, {x, x}, {{2, 2}});
              }),
              "layer: gemm: fp32 backend runs FP32 graphs only");
}

TEST(Fp32Refuses, TensorsOfOtherTypeOrShape) {
    Graph graph;
    graph.add_tensor({"fc1", "x", ElementType::fp32, {2, 3}});
    const auto backend = make_fp32_backend(1);
    const auto plan = backend->prepare(graph, {});
    EXPECT_EQ(message_of([&] {
                  plan->bind(0, HostTensor(ElementType::fp32, {3, 2}));
              }),
              "tensor fc1.x given fp32 3x2, expected fp32 2x3");
    EXPECT_EQ(message_of([&] {
                  plan->bind(0, HostTensor(ElementType::mantissa, {2, 3}));
              }),
              "tensor fc1.x given int16 2x3, expected fp32 2x3");
    EXPECT_TRUE(plan->readable(0));
    EXPECT_FALSE(plan->readable(1));
}

TEST(Fp32Refuses, NonFiniteLogitsWeightsAndForeignLabels) {
    const double infinity = std::numeric_limits<double>::infinity();
    const auto softmax = [](const Values& z, std::int32_t label) {
        return message_of([&] {
            run_operation(OpKind::softmax_forward, {}, {tensor_of({1, 2}, z), labels_of({label})}, {{1, 2}, {1}});
        });
    };
    EXPECT_EQ(softmax({0, infinity}, 0), "layer.in0 (0,1): inf, expected a finite number");
    EXPECT_EQ(softmax({0, 1}, 2), "layer.in1 (0): label 2, expected 0 to 1");
    EXPECT_EQ(softmax({0, 1}, -1), "layer.in1 (0): label -1, expected 0 to 1");
    EXPECT_EQ(message_of([&] {
                  const HostTensor w = tensor_of({3}, {0, 0, 0});
                  run_operation(OpKind::sgd_update, SgdParams{}, {w, w, tensor_of({3}, {1, infinity, 2})}, {{3}, {3}},
                                1, {0, 1}, 1.0f);
              }),
              "layer.in0 (1): -inf after the update, expected a finite number");
}

}  // namespace
}  // namespace dfp16
