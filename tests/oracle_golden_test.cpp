// The golden backend's sums of products and DFP primitives against the second oracle: which products, in which order,
// what becomes of them, and what the overflow oracle says; every policy, all passes, over random shapes.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "sim/types/error.h"
#include "tests/oracle/dfp.h"
#include "tests/oracle/operands.h"
#include "tests/oracle/products.h"
#include "tests/single_operation.h"

namespace dfp16 {
namespace {

constexpr std::array kPolicies = {Policy::exact, Policy::chain, Policy::wrap, Policy::saturate};

/// Mantissas of one tensor: all alike in kind, so that sums stay small, wrap, or cancel after overflows.
oracle::Mantissas random_mantissas(oracle::Source& source, std::int64_t size, bool lowest) {
    oracle::Mantissas values(static_cast<std::size_t>(size));
    const std::uint64_t kind = source.below(4);
    const std::uint64_t narrower = source.below(10);
    for (std::int16_t& value : values) {
        value = source.int16();
        if (kind == 0) value = static_cast<std::int16_t>(value >> narrower);
        if (kind == 1) value = static_cast<std::int16_t>(source.below(2) == 0 ? 32767 : -32767 + (lowest ? -1 : 0));
        if (kind == 2 && source.below(4) != 0) value = 32767;
        if (!lowest) value = std::max<std::int16_t>(value, -32767);
    }
    return values;
}

/// What the oracle expects of one output, as its bits; nothing for an error.
std::optional<std::uint32_t> expected_bits(const oracle::Sum& sum, const Accumulation& accumulation, int k) {
    try {
        switch (accumulation.policy) {
            case Policy::exact: return std::bit_cast<std::uint32_t>(oracle::exact_policy(sum, k));
            case Policy::chain: return std::bit_cast<std::uint32_t>(oracle::chain_policy(sum, accumulation.chain, k));
            case Policy::wrap: return static_cast<std::uint32_t>(oracle::wrap_policy(sum));
            case Policy::saturate: return static_cast<std::uint32_t>(oracle::saturate_policy(sum));
            case Policy::fma: break;  // of FP32 operands: oracle_layers_test.cpp
        }
    } catch (const oracle::Error&) {
    }
    return std::nullopt;
}

struct Counts {
    std::int64_t outputs = 0, errors = 0, overflowed = 0;
};

using SumOf = std::function<oracle::Sum(std::int64_t index)>;

/// Runs one sum of products under random exponents and a policy; compares every output and the overflow summary.
void compare(OpKind kind, const OpParams& params, const Accumulation& accumulation, const HostTensor& a,
             const HostTensor& b, const Shape& shape, const SumOf& sum_of, Counts& counts) {
    const bool fp32 = accumulation.policy == Policy::exact || accumulation.policy == Policy::chain;
    const int k = a.exponent.value + b.exponent.value;
    std::vector<oracle::Sum> sums;
    std::vector<std::optional<std::uint32_t>> expected;
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        sums.push_back(sum_of(i));
        expected.push_back(expected_bits(sums.back(), accumulation, k));
    }
    SingleOperation operation;
    operation.input(a);
    operation.input(b);
    operation.output(fp32 ? ElementType::fp32 : ElementType::accumulator, shape);
    if (std::count(expected.begin(), expected.end(), std::nullopt) > 0) {
        ++counts.errors;
        ASSERT_THROW(operation.run(kind, params, {}), InputError);
        return;
    }
    const HostTensor got = operation.run(kind, params, {});
    ASSERT_EQ(got.exponent.value, fp32 ? 0 : k);
    oracle::Overflow first;
    std::int64_t overflowed = 0, first_output = -1;
    int smallest_margin = 31;
    for (std::int64_t i = 0; i < shape.elements(); ++i, ++counts.outputs) {
        ASSERT_EQ(got.bits(i), *expected[static_cast<std::size_t>(i)])
            << name_of(kind) << " " << shape.coordinates(i) << " of " << shape.text();
        const oracle::Overflow overflow =
            oracle::overflow(sums[static_cast<std::size_t>(i)], fp32 ? accumulation.chain : 0);
        smallest_margin = std::min(smallest_margin, overflow.margin);
        if (overflow.first_pair < 0) continue;
        if (overflowed++ == 0) {
            first = overflow;
            first_output = i;
        }
    }
    counts.overflowed += overflowed;
    ASSERT_EQ(operation.overflow().outputs, shape.elements());
    ASSERT_EQ(operation.overflow().overflowed, overflowed);
    ASSERT_EQ(operation.overflow().first_output, first_output);
    ASSERT_EQ(operation.overflow().first_pair, first.first_pair);
    ASSERT_LE(operation.overflow().smallest_margin, smallest_margin);  // certified outputs give a bound
    if (smallest_margin < 0) {
        ASSERT_EQ(operation.overflow().smallest_margin, smallest_margin);
    }
}

int random_exponent(oracle::Source& source) {
    const std::uint64_t choice = source.below(8);
    if (choice == 0) return static_cast<int>(source.below(240)) - 126;
    return static_cast<int>(source.below(30)) - (choice == 1 ? 90 : 25);  // choice 1: results near the subnormals
}

Accumulation random_accumulation(oracle::Source& source, Policy policy) {
    return {policy, static_cast<std::int64_t>(1 + source.below(source.below(2) == 0 ? 6 : 100))};
}

void expect_worthwhile(const Counts& counts, std::int64_t least) {
    std::cout << counts.outputs << " outputs, " << counts.overflowed << " of them overflow, " << counts.errors
              << " errors\n";
    EXPECT_GE(counts.outputs, least);
    EXPECT_GT(counts.overflowed, counts.outputs / 100);
    EXPECT_GT(counts.errors, 0);
}

oracle::Conv random_conv(oracle::Source& source) {
    const auto up_to = [&](std::uint64_t n) { return static_cast<std::int64_t>(1 + source.below(n)); };
    oracle::Conv v;
    do {
        v.G = source.below(3) == 0 ? up_to(3) : 1;
        const std::uint64_t channels = source.below(3) == 0 ? 40 : 5;  // some beyond one and two blocks of 16
        v.N = up_to(3);
        v.C = v.G * up_to(channels);
        v.K = v.G * up_to(source.below(3) == 0 ? 40 : 5);
        v.H = up_to(7);
        v.W = up_to(7);
        v.R = up_to(4);
        v.S = up_to(4);
        v.sh = up_to(3);
        v.sw = up_to(3);
        v.ph = static_cast<std::int64_t>(source.below(static_cast<std::uint64_t>(v.R)));
        v.pw = static_cast<std::int64_t>(source.below(static_cast<std::uint64_t>(v.S)));
    } while (v.H + 2 * v.ph < v.R || v.W + 2 * v.pw < v.S || v.C * v.K > 400);
    return v;
}

ConvParams params_of(const oracle::Conv& v, const Accumulation& accumulation) {
    return {v.N, v.C, v.H, v.W, v.K, v.R, v.S, v.P(), v.Q(), {v.sh, v.sw}, {v.ph, v.pw}, v.G, accumulation};
}

/// The coordinates of a flat index.
std::array<std::int64_t, 4> coordinates(std::int64_t index, const Shape& shape) {
    std::array<std::int64_t, 4> result{};
    for (std::size_t d = 4; d-- > 0; index /= shape[d]) result[d] = index % shape[d];
    return result;
}

constexpr int kConvolutions = 1600;  // a pass

void compare_convolutions(OpKind kind, std::uint64_t seed) {
    oracle::Source source(seed);
    Counts counts;
    for (int i = 0; i < kConvolutions; ++i) {
        const oracle::Conv v = random_conv(source);
        const Policy policy = kPolicies[static_cast<std::size_t>(i % 4)];
        const Accumulation accumulation = random_accumulation(source, policy);
        const bool lowest = policy != Policy::exact || source.below(16) == 0;
        const Shape x_shape{v.N, v.C, v.H, v.W}, w_shape{v.K, v.C / v.G, v.R, v.S}, y_shape{v.N, v.K, v.P(), v.Q()};
        const auto x = random_mantissas(source, x_shape.elements(), lowest && source.below(2) == 0);
        const auto w = random_mantissas(source, w_shape.elements(), lowest);
        const auto dy = random_mantissas(source, y_shape.elements(), lowest);
        const HostTensor xt = mantissa_tensor(x_shape, x, random_exponent(source));
        const HostTensor wt = mantissa_tensor(w_shape, w, random_exponent(source));
        const HostTensor dyt = mantissa_tensor(y_shape, dy, random_exponent(source));
        const ConvParams params = params_of(v, accumulation);
        const auto run = [&](const HostTensor& a, const HostTensor& b, const Shape& shape, const auto& pairs) {
            compare(
                kind, params, accumulation, a, b, shape,
                [&](std::int64_t index) {
                    const auto [c0, c1, c2, c3] = coordinates(index, shape);
                    return pairs(c0, c1, c2, c3);
                },
                counts);
        };
        if (kind == OpKind::conv_forward) {
            run(xt, wt, y_shape, [&](auto... at) { return oracle::conv_forward(v, x, w, at...); });
        } else if (kind == OpKind::conv_backward_data) {
            run(dyt, wt, x_shape, [&](auto... at) { return oracle::conv_backward_data(v, dy, w, at...); });
        } else {
            run(xt, dyt, w_shape, [&](auto... at) { return oracle::conv_weight_gradient(v, x, dy, at...); });
        }
        if (testing::Test::HasFatalFailure()) FAIL() << "convolution " << i;
    }
    expect_worthwhile(counts, 10'000);
}

TEST(OracleGolden, ConvForward) {
    compare_convolutions(OpKind::conv_forward, 61);
}
TEST(OracleGolden, ConvBackwardData) {
    compare_convolutions(OpKind::conv_backward_data, 62);
}
TEST(OracleGolden, ConvWeightGradient) {
    compare_convolutions(OpKind::conv_weight_gradient, 63);
}

/// a (rows of length K) times b (columns of length K), each given by a function of row and place.
oracle::Sum dot(std::int64_t length, const std::function<std::int16_t(std::int64_t)>& a,
                const std::function<std::int16_t(std::int64_t)>& b) {
    oracle::Mantissas left, right;
    for (std::int64_t i = 0; i < length; ++i) {
        left.push_back(a(i));
        right.push_back(b(i));
    }
    return {oracle::paired(left, right)};
}

std::int16_t element(const oracle::Mantissas& m, std::int64_t columns, std::int64_t row, std::int64_t column) {
    return m.at(static_cast<std::size_t>(row * columns + column));
}

TEST(OracleGolden, Gemm) {
    oracle::Source source(64);
    Counts counts;
    for (int i = 0; i < 400; ++i) {
        const auto M = static_cast<std::int64_t>(1 + source.below(9));
        const auto N = static_cast<std::int64_t>(1 + source.below(9));
        const auto K = static_cast<std::int64_t>(1 + source.below(200));
        const Policy policy = kPolicies[static_cast<std::size_t>(i % 4)];
        const bool lowest = policy != Policy::exact || source.below(16) == 0;
        const auto a = random_mantissas(source, M * K, lowest);
        const auto b = random_mantissas(source, K * N, lowest);
        const Accumulation accumulation = random_accumulation(source, policy);
        const HostTensor at = mantissa_tensor({M, K}, a, random_exponent(source));
        const HostTensor bt = mantissa_tensor({K, N}, b, random_exponent(source));
        compare(
            OpKind::gemm, GemmParams{M, N, K, accumulation}, accumulation, at, bt, {M, N},
            [&](std::int64_t index) {
                return dot(
                    K, [&](std::int64_t k) { return element(a, K, index / N, k); },
                    [&](std::int64_t k) { return element(b, N, k, index % N); });
            },
            counts);
        if (HasFatalFailure()) return;
    }
    expect_worthwhile(counts, 5'000);
}

TEST(OracleGolden, FullyConnected) {
    oracle::Source source(65);
    Counts counts;
    for (int i = 0; i < 600; ++i) {
        const auto N = static_cast<std::int64_t>(1 + source.below(40));
        const auto C = static_cast<std::int64_t>(1 + source.below(40));
        const auto K = static_cast<std::int64_t>(1 + source.below(10));
        const Policy policy = kPolicies[static_cast<std::size_t>(i % 4)];
        const bool lowest = policy != Policy::exact || source.below(16) == 0;
        const auto x = random_mantissas(source, N * C, lowest);
        const auto w = random_mantissas(source, K * C, lowest);
        const auto dy = random_mantissas(source, N * K, lowest);
        const Accumulation accumulation = random_accumulation(source, policy);
        const FcParams params{N, C, K, accumulation};
        const HostTensor xt = mantissa_tensor({N, C}, x, random_exponent(source));
        const HostTensor wt = mantissa_tensor({K, C}, w, random_exponent(source));
        const HostTensor dyt = mantissa_tensor({N, K}, dy, random_exponent(source));
        if (i / 4 % 3 == 0) {
            compare(
                OpKind::fc_forward, params, accumulation, xt, wt, {N, K},
                [&](std::int64_t index) {
                    return dot(
                        C, [&](std::int64_t c) { return element(x, C, index / K, c); },
                        [&](std::int64_t c) { return element(w, C, index % K, c); });
                },
                counts);
        } else if (i / 4 % 3 == 1) {
            compare(
                OpKind::fc_backward_data, params, accumulation, dyt, wt, {N, C},
                [&](std::int64_t index) {
                    return dot(
                        K, [&](std::int64_t k) { return element(dy, K, index / C, k); },
                        [&](std::int64_t k) { return element(w, C, k, index % C); });
                },
                counts);
        } else {
            compare(
                OpKind::fc_weight_gradient, params, accumulation, xt, dyt, {K, C},
                [&](std::int64_t index) {
                    return dot(
                        N, [&](std::int64_t n) { return element(dy, K, n, index / C); },
                        [&](std::int64_t n) { return element(x, C, n, index % C); });
                },
                counts);
        }
        if (HasFatalFailure()) return;
    }
    expect_worthwhile(counts, 20'000);
}

constexpr std::array kRoundings = {std::pair{Rounding::nearest_even, oracle::Rounding::nearest_even},
                                   std::pair{Rounding::toward_zero, oracle::Rounding::toward_zero},
                                   std::pair{Rounding::stochastic, oracle::Rounding::stochastic}};

/// add and multiply whole: which words they draw, what they reject.
TEST(OracleGolden, AddAndMultiply) {
    oracle::Source source(66);
    int errors = 0;
    for (int i = 0; i < 3000; ++i) {
        const auto size = static_cast<std::int64_t>(1 + source.below(40));
        const int gap = static_cast<int>(source.below(source.below(4) == 0 ? 120 : 18));
        const int e = static_cast<int>(source.below(200)) - 126;
        oracle::Dfp a{random_mantissas(source, size, source.below(16) == 0), e};
        oracle::Dfp b{random_mantissas(source, size, false),
                      std::clamp(source.below(2) == 0 ? e + gap : e - gap, -126, 113)};
        const int h = static_cast<int>(source.below(15));
        const auto [mode, oracle_mode] = kRoundings[source.below(3)];
        const oracle::Draw draw{source.next(), static_cast<std::uint32_t>(source.next()),
                                static_cast<std::uint32_t>(source.below(1u << 24))};
        const RoundingParams rounding{h, mode, draw.tensor};
        const std::uint64_t kind = source.below(3);  // multiply, add, add with relu
        std::optional<oracle::Dfp> expected, got;
        try {
            expected = kind == 0 ? oracle::multiply(a, b, h, oracle_mode, draw)
                                 : oracle::add(a, b, kind == 2, h, oracle_mode, draw);
        } catch (const oracle::Error&) {
            ++errors;
        }
        SingleOperation operation;
        operation.input(mantissa_tensor({size}, a.m, a.e));
        operation.input(mantissa_tensor({size}, b.m, b.e));
        operation.output(ElementType::mantissa, {size});
        const OpParams params = kind == 0 ? OpParams(rounding) : OpParams(AddParams{rounding, kind == 2});
        try {
            const HostTensor y =
                operation.run(kind == 0 ? OpKind::multiply : OpKind::add, params, {draw.seed, draw.step, 0.0f});
            got = oracle::Dfp{{}, y.exponent.value};
            for (const Mantissa m : y.mantissas()) got->m.push_back(m.value);
        } catch (const InputError&) {
        }
        ASSERT_EQ(got, expected) << "kind " << kind << " exponents " << a.e << ", " << b.e << " headroom " << h;
    }
    EXPECT_GT(errors, 10);
}

}  // namespace
}  // namespace dfp16
