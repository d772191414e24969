// The golden backend's LRN, dropout, concat, pooling, FP32 bias gradient and fma sums against the second oracle: random
// shapes and operands of corner classes; which words they draw, what they reject.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sim/types/error.h"
#include "tests/oracle/fma_sums.h"
#include "tests/oracle/layers.h"
#include "tests/oracle/operands.h"
#include "tests/oracle/pooling.h"
#include "tests/single_operation.h"

namespace dfp16 {
namespace {

constexpr std::array kRoundings = {std::pair{Rounding::nearest_even, oracle::Rounding::nearest_even},
                                   std::pair{Rounding::toward_zero, oracle::Rounding::toward_zero},
                                   std::pair{Rounding::stochastic, oracle::Rounding::stochastic}};

std::int64_t up_to(oracle::Source& source, std::uint64_t n) {
    return static_cast<std::int64_t>(1 + source.below(n));
}

int between(oracle::Source& source, int low, int high) {
    return low + static_cast<int>(source.below(static_cast<std::uint64_t>(high - low + 1)));
}

oracle::Dfp random_dfp(oracle::Source& source, std::int64_t size, int e) {
    oracle::Dfp x{{}, e};
    const auto narrower = static_cast<int>(source.below(16));
    for (std::int64_t i = 0; i < size; ++i) x.m.push_back(static_cast<std::int16_t>(source.int16() >> narrower));
    return x;
}

/// FP32 of every class: zeros of both signs, subnormals, few and many significant bits, 2^-spread to 2^spread.
float random_fp32(oracle::Source& source, int spread) {
    const std::uint64_t choice = source.below(16);
    const auto sign = static_cast<std::uint32_t>(source.below(2)) << 31;
    auto fraction = static_cast<std::uint32_t>(source.next()) & 0x7FFFFFu;
    if (choice == 0) return std::bit_cast<float>(sign);
    if (choice == 1) return std::bit_cast<float>(sign | fraction);
    if (choice < 6) fraction &= ~0u << source.below(24) & 0x7FFFFFu;
    const auto field = static_cast<std::uint32_t>(between(source, 127 - spread, 127 + spread));
    return std::bit_cast<float>(sign | field << 23 | fraction);
}

oracle::Reals random_reals(oracle::Source& source, std::int64_t size) {
    constexpr std::array kSpreads = {0, 3, 12, 40, 66};
    const int spread = kSpreads[source.below(kSpreads.size())];
    oracle::Reals values;
    for (std::int64_t i = 0; i < size; ++i) values.push_back(random_fp32(source, spread));
    return values;
}

HostTensor fp32_tensor(const Shape& shape, const std::vector<float>& values) {
    HostTensor tensor(ElementType::fp32, shape);
    tensor.fp32() = values;
    return tensor;
}

HostTensor dfp_tensor(const Shape& shape, const oracle::Dfp& values) {
    return mantissa_tensor(shape, values.m, values.e);
}

oracle::Draw random_draw(oracle::Source& source) {
    return {source.next(), static_cast<std::uint32_t>(source.next()),
            static_cast<std::uint32_t>(source.below(1u << 24))};
}

RunContext context_of(const oracle::Draw& draw) {
    return {draw.seed, draw.step, 0.0f};
}

/// Errors and outputs seen by a test.
struct Counts {
    int errors = 0;
    std::int64_t outputs = 0;
};

void expect_equal(const HostTensor& got, const HostTensor& expected) {
    ASSERT_EQ(got.exponent, expected.exponent);
    for (std::int64_t i = 0; i < expected.elements(); ++i)
        ASSERT_EQ(got.bits(i), expected.bits(i)) << expected.shape.coordinates(i) << " of " << expected.shape.text();
}

/// Golden's outputs must be those of `expected()`, or both must be errors.
void compare(OpKind kind, const OpParams& params, const RunContext& context, const std::vector<HostTensor>& inputs,
             const std::vector<Shape>& shapes, ElementType type,
             const std::function<std::vector<HostTensor>()>& expected, Counts& counts) {
    SingleOperation operation;
    for (const HostTensor& input : inputs) operation.input(input);
    for (const Shape& shape : shapes) operation.output(type, shape);
    std::vector<HostTensor> values;
    try {
        values = expected();
    } catch (const oracle::Error&) {
        ++counts.errors;
        ASSERT_THROW(operation.run(kind, params, context), InputError);
        return;
    }
    const std::vector<HostTensor> got = operation.run_all(kind, params, context);
    ASSERT_TRUE(operation.log().empty());
    for (std::size_t i = 0; i < values.size(); ++i) {
        expect_equal(got[i], values[i]);
        counts.outputs += values[i].elements();
    }
}

TEST(OracleLayers, Lrn) {
    constexpr std::array kAlphas = {0.0f, 1e-4f, 1.0f, 3e30f};
    constexpr std::array kKs = {1.0f, 2.0f, 0x1p-149f, 1e-4f, 3e38f};
    oracle::Source source(71);
    Counts counts;
    for (int i = 0; i < 1500; ++i) {
        const oracle::Lrn lrn{2 * up_to(source, 5) - 1, kAlphas[source.below(4)],
                              kKs[i % 4 == 0 ? source.below(5) : 0]};
        const oracle::Extent extent{up_to(source, 3), up_to(source, 12), up_to(source, 4)};
        const Shape shape{extent.N, extent.C, extent.pixels, 1};
        // Usual values, or any whose t stays within FP32: s below 1 needs small ones.
        const bool usual = source.below(2) == 0 || lrn.k < 1e-4f;
        const oracle::Dfp x =
            random_dfp(source, extent.elements(), usual ? between(source, -30, -5) : between(source, -126, 58));
        const oracle::Dfp dy =
            random_dfp(source, extent.elements(), usual ? between(source, -30, -5) : between(source, -126, 30));
        const LrnParams params{lrn.n, lrn.alpha, lrn.k};
        const HostTensor xt = dfp_tensor(shape, x);
        compare(
            OpKind::lrn_forward, params, {}, {xt}, {shape}, ElementType::fp32,
            [&] { return std::vector{fp32_tensor(shape, oracle::lrn(lrn, extent, x))}; }, counts);
        if (HasFatalFailure()) FAIL() << "forward, case " << i;
        if (lrn.k < 1e-4f || lrn.alpha > 1.0f) continue;  // infinities between, that the oracle does not follow
        compare(
            OpKind::lrn_backward, params, {}, {xt, dfp_tensor(shape, dy)}, {shape}, ElementType::fp32,
            [&] { return std::vector{fp32_tensor(shape, oracle::lrn_backward(lrn, extent, x, dy))}; }, counts);
        if (HasFatalFailure()) FAIL() << "backward, case " << i;
    }
    EXPECT_GT(counts.errors, 10);
    EXPECT_GT(counts.outputs, 50'000);
}

TEST(OracleLayers, Dropout) {
    oracle::Source source(72);
    Counts counts;
    for (int i = 0; i < 400; ++i) {
        const Shape shape{up_to(source, 40), up_to(source, 20)};
        constexpr std::array kRates = {0.0f, 0.5f, 0.4f, 0.7f, 0x1.fffffep-1f, 0x1p-40f};
        const float rate =
            i % 2 == 0 ? kRates[source.below(kRates.size())] : static_cast<float>(source.below(1u << 24)) * 0x1p-24f;
        const oracle::Draw draw = random_draw(source);
        oracle::Dfp x = random_dfp(source, shape.elements(), i % 16 == 0 ? 113 : between(source, -126, 80));
        if (i % 16 == 0) {  // beyond FP32, where one is kept
            for (std::int16_t& m : x.m) m = source.below(8) == 0 ? -32768 : 0;
        }
        compare(
            i % 3 == 0 ? OpKind::dropout_backward : OpKind::dropout_forward, DropoutParams{rate, draw.tensor},
            context_of(draw), {dfp_tensor(shape, x)}, {shape}, ElementType::fp32,
            [&] { return std::vector{fp32_tensor(shape, oracle::dropout(rate, x, draw))}; }, counts);
        if (HasFatalFailure()) FAIL() << "case " << i << " rate " << rate;
    }
    EXPECT_GT(counts.errors, 0);
    EXPECT_GT(counts.outputs, 20'000);
}

TEST(OracleLayers, Concat) {
    oracle::Source source(73);
    Counts counts;
    for (int i = 0; i < 1500; ++i) {
        const std::int64_t N = up_to(source, 3), H = up_to(source, 4), W = up_to(source, 4);
        const int e = between(source, -126, 113);
        const int gap = source.below(4) == 0 ? 120 : 20;
        std::vector<oracle::Part> parts;
        std::vector<HostTensor> inputs;
        std::vector<Shape> shapes;
        ConcatParams params;
        std::int64_t channels = 0;
        for (std::int64_t part = up_to(source, 4); part > 0; --part) {
            const oracle::Extent extent{N, up_to(source, 9), H * W};
            const int part_e = source.below(3) == 0 ? e : std::max(-126, e - between(source, 0, gap));
            shapes.push_back({N, extent.C, H, W});
            parts.push_back({extent, random_dfp(source, extent.elements(), part_e)});
            inputs.push_back(dfp_tensor(shapes.back(), parts.back().values));
            params.channels.push_back(extent.C);
            channels += extent.C;
        }
        const auto [mode, oracle_mode] = kRoundings[source.below(3)];
        const oracle::Draw draw = random_draw(source);
        params.rounding = {2, mode, draw.tensor};
        const Shape whole{N, channels, H, W};
        const oracle::Dfp y = oracle::concat(parts, oracle_mode, draw);
        const std::vector<HostTensor> expected = {dfp_tensor(whole, y)};
        compare(
            OpKind::concat_forward, params, context_of(draw), inputs, {whole}, ElementType::mantissa,
            [&] { return expected; }, counts);
        if (HasFatalFailure()) FAIL() << "forward, case " << i;
        // Back: what has one exponent is taken apart without loss.
        for (oracle::Part& part : parts) part.values.e = e;
        const oracle::Dfp dy = oracle::concat(parts, oracle_mode, draw);
        std::vector<HostTensor> pieces;
        for (std::size_t part = 0; part < parts.size(); ++part)
            pieces.push_back(dfp_tensor(shapes[part], parts[part].values));
        compare(
            OpKind::concat_backward, params, context_of(draw), {dfp_tensor(whole, dy)}, shapes, ElementType::mantissa,
            [&] { return pieces; }, counts);
        if (HasFatalFailure()) FAIL() << "backward, case " << i;
    }
    EXPECT_GT(counts.outputs, 100'000);
}

oracle::Pool random_pool(oracle::Source& source, bool max) {
    oracle::Pool v;
    do {
        v.ceil = source.below(3) != 0;
        v.N = up_to(source, 2);
        v.C = up_to(source, 4);
        v.H = up_to(source, 9);
        v.W = up_to(source, 9);
        v.R = up_to(source, 5);
        v.S = up_to(source, 5);
        v.sh = up_to(source, 4);
        v.sw = up_to(source, 4);
        v.ph = static_cast<std::int64_t>(source.below(static_cast<std::uint64_t>(v.R + (max ? 0 : 2))));
        v.pw = static_cast<std::int64_t>(source.below(static_cast<std::uint64_t>(v.S + (max ? 0 : 2))));
    } while (!v.ceil && (v.H + 2 * v.ph < v.R || v.W + 2 * v.pw < v.S));
    return v;
}

TEST(OracleLayers, Pooling) {
    oracle::Source source(74);
    Counts counts;
    int cut = 0;
    for (int i = 0; i < 2000; ++i) {
        const bool max = i % 2 == 0;
        const oracle::Pool v = random_pool(source, max);
        if (v.ceil && (v.P() - 1) * v.sh + v.R > v.H + 2 * v.ph) ++cut;
        const int h = static_cast<int>(source.below(15));
        const auto& roundings = kRoundings[source.below(3)];
        const Rounding mode = roundings.first;
        const oracle::Rounding oracle_mode = roundings.second;  // Clang 14 captures no structured bindings
        const oracle::Draw draw = random_draw(source);
        const PoolParams params{v.N,
                                v.C,
                                v.H,
                                v.W,
                                v.R,
                                v.S,
                                v.P(),
                                v.Q(),
                                {v.sh, v.sw},
                                {v.ph, v.pw},
                                {h, mode, draw.tensor},
                                v.ceil ? SizeRounding::ceil : SizeRounding::floor};
        const Shape xs{v.N, v.C, v.H, v.W}, ys{v.N, v.C, v.P(), v.Q()};
        const oracle::Dfp x = random_dfp(source, xs.elements(), between(source, -126, 112));
        const oracle::Dfp dy = random_dfp(source, ys.elements(), between(source, -126, 112));
        const HostTensor xt = dfp_tensor(xs, x), dyt = dfp_tensor(ys, dy);
        const RunContext context = context_of(draw);
        if (max) {
            compare(
                OpKind::max_pool_forward, params, context, {xt}, {ys}, ElementType::mantissa,
                [&] { return std::vector{dfp_tensor(ys, oracle::max_pool(v, x))}; }, counts);
            compare(
                OpKind::max_pool_backward, params, context, {xt, dyt}, {xs}, ElementType::mantissa,
                [&] { return std::vector{dfp_tensor(xs, oracle::max_pool_backward(v, x, dy, h, oracle_mode, draw))}; },
                counts);
        } else {
            compare(
                OpKind::average_pool_forward, params, context, {xt}, {ys}, ElementType::fp32,
                [&] { return std::vector{fp32_tensor(ys, oracle::average_pool(v, x))}; }, counts);
            compare(
                OpKind::average_pool_backward, params, context, {dyt}, {xs}, ElementType::fp32,
                [&] { return std::vector{fp32_tensor(xs, oracle::average_pool_backward(v, dy))}; }, counts);
        }
        if (HasFatalFailure()) FAIL() << "case " << i;
    }
    EXPECT_GT(cut, 200);
    EXPECT_GT(counts.outputs, 100'000);
}

TEST(OracleLayers, BiasGradientFp32) {
    oracle::Source source(75);
    Counts counts;
    for (int i = 0; i < 500; ++i) {
        const oracle::Extent extent{up_to(source, 9), up_to(source, 9), up_to(source, 20)};
        const oracle::Reals dy = random_reals(source, extent.elements());
        const Shape shape{extent.N, extent.C, extent.pixels, 1};
        compare(
            OpKind::bias_gradient, NoParams{}, {}, {fp32_tensor(shape, dy)}, {{extent.C}}, ElementType::fp32,
            [&] { return std::vector{fp32_tensor({extent.C}, oracle::bias_gradient(extent, dy))}; }, counts);
        if (HasFatalFailure()) FAIL() << "case " << i;
    }
}

/// relu_backward before a layer in FP32: dy FP32, y of either type.
TEST(OracleLayers, ReluBackwardFp32) {
    oracle::Source source(76);
    Counts counts;
    const Shape shape{7, 11};
    for (int i = 0; i < 50; ++i) {
        const oracle::Reals dy = random_reals(source, shape.elements());
        const oracle::Dfp y = random_dfp(source, shape.elements(), between(source, -126, 80));
        oracle::Reals reals, dx;
        for (std::size_t j = 0; j < dy.size(); ++j) {
            reals.push_back(oracle::dequantize(y.m[j], y.e));
            dx.push_back(y.m[j] > 0 ? dy[j] : 0.0f);
        }
        for (const HostTensor& yt : {dfp_tensor(shape, y), fp32_tensor(shape, reals)}) {
            compare(
                OpKind::relu_backward, NoParams{}, {}, {fp32_tensor(shape, dy), yt}, {shape}, ElementType::fp32,
                [&] { return std::vector{fp32_tensor(shape, dx)}; }, counts);
        }
    }
}

TEST(OracleLayers, SoftmaxBackwardWeight) {
    oracle::Source source(77);
    Counts counts;
    for (int i = 0; i < 200; ++i) {
        const std::int64_t N = up_to(source, 9), K = up_to(source, 9);
        const float weight = std::array{1.0f, 0.3f, 0.0f, 1e-30f}[source.below(4)];
        HostTensor labels(ElementType::label, {N});
        oracle::Reals p, dz;
        for (std::int64_t n = 0; n < N; ++n) {
            const auto label = static_cast<std::int64_t>(source.below(static_cast<std::uint64_t>(K)));
            labels.labels()[static_cast<std::size_t>(n)].value = static_cast<std::int32_t>(label);
            for (std::int64_t j = 0; j < K; ++j) {
                p.push_back(static_cast<float>(source.below((1u << 24) + 1)) * 0x1p-24f);
                const float difference = oracle::subtract(p.back(), j == label ? 1.0f : 0.0f);
                dz.push_back(oracle::multiply(oracle::divide(difference, static_cast<float>(N)), weight));
            }
        }
        compare(
            OpKind::softmax_backward, LossParams{weight}, {}, {fp32_tensor({N, K}, p), labels}, {{N, K}},
            ElementType::fp32,
            [&] {
                return std::vector{fp32_tensor({N, K}, dz)};
            },
            counts);
        if (HasFatalFailure()) FAIL() << "case " << i;
    }
}

oracle::Conv random_conv(oracle::Source& source, int i) {
    if (i == 0) return {1, 3, 23, 19, 5, 11, 11, 4, 4, 2, 2, 1};  // the first layer of AlexNet, small
    oracle::Conv v;
    do {
        v.G = source.below(3) == 0 ? up_to(source, 3) : 1;
        v.N = up_to(source, 3);
        v.C = v.G * up_to(source, source.below(3) == 0 ? 40 : 5);
        v.K = v.G * up_to(source, source.below(3) == 0 ? 40 : 5);
        v.H = up_to(source, 7);
        v.W = up_to(source, 7);
        v.R = up_to(source, 4);
        v.S = up_to(source, 4);
        v.sh = up_to(source, 3);
        v.sw = up_to(source, 3);
        v.ph = static_cast<std::int64_t>(source.below(static_cast<std::uint64_t>(v.R + 1)));
        v.pw = static_cast<std::int64_t>(source.below(static_cast<std::uint64_t>(v.S + 1)));
    } while (v.H + 2 * v.ph < v.R || v.W + 2 * v.pw < v.S || v.C * v.K > 200);
    return v;
}

std::array<std::int64_t, 4> coordinates(std::int64_t index, const Shape& shape) {
    std::array<std::int64_t, 4> result{};
    for (std::size_t d = 4; d-- > 0; index /= shape[d]) result[d] = index % shape[d];
    return result;
}

template <typename ProductsOf>
HostTensor fma_sums(const Shape& shape, ProductsOf products_of) {
    HostTensor out(ElementType::fp32, shape);
    for (std::int64_t i = 0; i < shape.elements(); ++i)
        out.fp32()[static_cast<std::size_t>(i)] = oracle::fma_policy(products_of(i));
    return out;
}

/// An infinite or NaN operand now and then: an error, unless it only meets padding.
void spoil(oracle::Source& source, oracle::Reals& values) {
    if (source.below(12) != 0) return;
    values[source.below(values.size())] =
        source.below(2) == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
}

TEST(OracleLayers, FmaConvolutions) {
    oracle::Source source(78);
    Counts counts;
    for (int i = 0; i < 240; ++i) {
        const oracle::Conv v = random_conv(source, i / 3);
        const ConvParams params{v.N,   v.C,   v.H,          v.W,          v.K, v.R,          v.S,
                                v.P(), v.Q(), {v.sh, v.sw}, {v.ph, v.pw}, v.G, {Policy::fma}};
        const Shape xs{v.N, v.C, v.H, v.W}, ws{v.K, v.C / v.G, v.R, v.S}, ys{v.N, v.K, v.P(), v.Q()};
        oracle::Reals x = random_reals(source, xs.elements()), w = random_reals(source, ws.elements());
        oracle::Reals dy = random_reals(source, ys.elements());
        spoil(source, x);
        spoil(source, w);
        spoil(source, dy);
        const auto run = [&](OpKind kind, const HostTensor& a, const HostTensor& b, const Shape& shape, auto products) {
            compare(
                kind, params, {}, {a, b}, {shape}, ElementType::fp32,
                [&] {
                    return std::vector{fma_sums(shape, [&](std::int64_t index) {
                        const auto [c0, c1, c2, c3] = coordinates(index, shape);
                        return products(c0, c1, c2, c3);
                    })};
                },
                counts);
        };
        const HostTensor xt = fp32_tensor(xs, x), wt = fp32_tensor(ws, w), dyt = fp32_tensor(ys, dy);
        if (i % 3 == 0) {
            run(OpKind::conv_forward, xt, wt, ys, [&](auto... at) { return oracle::fma_conv_forward(v, x, w, at...); });
        } else if (i % 3 == 1) {
            run(OpKind::conv_backward_data, dyt, wt, xs,
                [&](auto... at) { return oracle::fma_conv_backward_data(v, dy, w, at...); });
        } else {
            run(OpKind::conv_weight_gradient, xt, dyt, ws,
                [&](auto... at) { return oracle::fma_conv_weight_gradient(v, x, dy, at...); });
        }
        if (HasFatalFailure()) FAIL() << "convolution " << i;
    }
    EXPECT_GT(counts.errors, 5);
    EXPECT_GT(counts.outputs, 10'000);
}

TEST(OracleLayers, FmaGemmAndFullyConnected) {
    oracle::Source source(79);
    Counts counts;
    for (int i = 0; i < 160; ++i) {
        const std::int64_t M = up_to(source, 8), N = up_to(source, 8), K = up_to(source, 70);
        const std::vector<float> a = random_reals(source, M * K), b = random_reals(source, K * N);
        /// The product's two operands, as given: sum over k of a[m * ma + k * ka] * b[n * nb + k * kb].
        const auto run = [&](OpKind kind, const OpParams& params, const HostTensor& first, const HostTensor& second,
                             std::int64_t ma, std::int64_t ka, std::int64_t nb, std::int64_t kb, bool swapped) {
            const auto products = [&](std::int64_t index) {
                oracle::Products list;
                for (std::int64_t k = 0; k < K; ++k) {
                    list.emplace_back(a[static_cast<std::size_t>(index / N * ma + k * ka)],
                                      b[static_cast<std::size_t>(index % N * nb + k * kb)]);
                }
                return list;
            };
            compare(
                kind, params, {}, swapped ? std::vector{second, first} : std::vector{first, second}, {{M, N}},
                ElementType::fp32,
                [&] {
                    return std::vector{fma_sums({M, N}, products)};
                },
                counts);
        };
        const Accumulation fma{Policy::fma};
        switch (i % 4) {
            case 0:
                run(OpKind::gemm, GemmParams{M, N, K, fma}, fp32_tensor({M, K}, a), fp32_tensor({K, N}, b), K, 1, 1, N,
                    false);
                break;
            case 1:  // x (M,K), w (N,K)
                run(OpKind::fc_forward, FcParams{M, K, N, fma}, fp32_tensor({M, K}, a), fp32_tensor({N, K}, b), K, 1, K,
                    1, false);
                break;
            case 2:  // dy (M,K), w (K,N)
                run(OpKind::fc_backward_data, FcParams{M, N, K, fma}, fp32_tensor({M, K}, a), fp32_tensor({K, N}, b), K,
                    1, 1, N, false);
                break;
            default:  // dy (K,M), x (K,N): given x first
                run(OpKind::fc_weight_gradient, FcParams{K, N, M, fma}, fp32_tensor({K, M}, a), fp32_tensor({K, N}, b),
                    1, M, 1, N, true);
        }
        if (HasFatalFailure()) FAIL() << "case " << i;
    }
    EXPECT_GT(counts.outputs, 2'000);
}

/// Tensors of several parallel runs: every element keeps its own word.
TEST(OracleLayers, WordsOfLargeTensors) {
    oracle::Source source(80);
    Counts counts;
    const Shape shape{3, 50'001};
    const oracle::Draw draw = random_draw(source);
    const RoundingParams rounding{2, Rounding::stochastic, draw.tensor};
    oracle::Reals x;
    std::vector<std::int32_t> v;
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        x.push_back(random_fp32(source, 4));
        v.push_back(source.int32());
    }
    compare(
        OpKind::quantize, rounding, context_of(draw), {fp32_tensor(shape, x)}, {shape}, ElementType::mantissa,
        [&] { return std::vector{dfp_tensor(shape, oracle::quantize(x, 2, oracle::Rounding::stochastic, draw))}; },
        counts);
    HostTensor integers(ElementType::accumulator, shape);
    for (std::size_t i = 0; i < v.size(); ++i) integers.accumulators()[i].value = v[i];
    integers.exponent = {-20};
    compare(
        OpKind::down_convert, rounding, context_of(draw), {integers}, {shape}, ElementType::mantissa,
        [&] {
            return std::vector{dfp_tensor(shape, oracle::down_convert(v, -20, 2, oracle::Rounding::stochastic, draw))};
        },
        counts);
    const oracle::Dfp m = random_dfp(source, shape.elements(), -12);
    compare(
        OpKind::dropout_forward, DropoutParams{0.4f, draw.tensor}, context_of(draw), {dfp_tensor(shape, m)}, {shape},
        ElementType::fp32, [&] { return std::vector{fp32_tensor(shape, oracle::dropout(0.4f, m, draw))}; }, counts);
    EXPECT_EQ(counts.outputs, 3 * shape.elements());
}

/// The message of the error that a graph of one operation ends in.
std::string error_of(OpKind kind, const OpParams& params, const std::vector<HostTensor>& inputs, ElementType type,
                     const Shape& shape) {
    SingleOperation operation;
    for (const HostTensor& input : inputs) operation.input(input);
    operation.output(type, shape);
    try {
        operation.run(kind, params, {});
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

TEST(OracleLayers, ErrorsNameTheElement) {
    oracle::Reals x(200'000, 1.0f);
    const float NaN = std::numeric_limits<float>::quiet_NaN();
    x[70'001] = NaN;
    x[140'000] = x[199'999] = std::numeric_limits<float>::infinity();
    const Shape shape{200'000};
    for (int i = 0; i < 20; ++i) {  // the first one, whichever thread is first
        EXPECT_EQ(error_of(OpKind::quantize, RoundingParams{}, {fp32_tensor(shape, x)}, ElementType::mantissa, shape),
                  "layer.t0: quantize: element 70001 is NaN, expected finite numbers");
    }
    EXPECT_EQ(error_of(OpKind::gemm, GemmParams{1, 2, 1, {Policy::fma}},
                       {fp32_tensor({1, 1}, {3e38f}), fp32_tensor({1, 2}, {1.0f, -2.0f})}, ElementType::fp32, {1, 2}),
              "layer.t0: gemm: element 1: the sum is infinite, expected a finite number");
    EXPECT_EQ(error_of(OpKind::lrn_forward, LrnParams{}, {mantissa_tensor({1, 2, 1, 1}, {0, 32767}, 100)},
                       ElementType::fp32, {1, 2, 1, 1}),
              "layer.t0: lrn_forward: element 0: result beyond FP32 (2^128 or more)");
}

/// A graph for the FP32 backend is valid, but not golden's.
TEST(OracleLayers, RejectsFp32WhereDfpIsDue) {
    const Shape shape{1, 2, 1, 1};
    const HostTensor fp32 = fp32_tensor(shape, {1.0f, 2.0f});
    EXPECT_EQ(error_of(OpKind::lrn_forward, LrnParams{}, {fp32}, ElementType::fp32, shape),
              "layer: lrn_forward: tensor layer.t0 is fp32, expected int16");
    EXPECT_EQ(error_of(OpKind::dropout_backward, DropoutParams{}, {fp32}, ElementType::fp32, shape),
              "layer: dropout_backward: tensor layer.t0 is fp32, expected int16");
    EXPECT_EQ(error_of(OpKind::concat_forward, ConcatParams{{2}, {}}, {fp32}, ElementType::mantissa, shape),
              "layer: concat_forward: tensor layer.t0 is fp32, expected int16");
    EXPECT_EQ(error_of(OpKind::quantize, RoundingParams{}, {fp32}, ElementType::fp32, shape),
              "layer: quantize: tensor layer.t1 is fp32, expected int16");
    EXPECT_EQ(error_of(OpKind::gemm, GemmParams{1, 1, 1, {}},
                       {fp32_tensor({1, 1}, {1.0f}), fp32_tensor({1, 1}, {1.0f})}, ElementType::fp32, {1, 1}),
              "layer: gemm: tensor layer.t0 is fp32, expected int16");
}

}  // namespace
}  // namespace dfp16
