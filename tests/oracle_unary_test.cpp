// sim/ against the second oracle on all 65,536 inputs of every unary rule.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <optional>
#include <vector>

#include "sim/align.h"
#include "sim/dequantize.h"
#include "sim/down_convert.h"
#include "sim/mantissa_limit.h"
#include "sim/quantize.h"
#include "sim/round.h"
#include "sim/types/error.h"
#include "tests/oracle/dfp.h"

namespace dfp16 {
namespace {

constexpr std::int64_t kInputs = 65536;

struct Mode {
    Rounding sim;
    oracle::Rounding oracle;
    std::uint32_t random;
};

/// The three modes; stochastic with the extreme random words and two between.
constexpr std::array kModes = {
    Mode{Rounding::nearest_even, oracle::Rounding::nearest_even, 0},
    Mode{Rounding::toward_zero, oracle::Rounding::toward_zero, 0},
    Mode{Rounding::stochastic, oracle::Rounding::stochastic, 0},
    Mode{Rounding::stochastic, oracle::Rounding::stochastic, 0xFFFFFFFFu},
    Mode{Rounding::stochastic, oracle::Rounding::stochastic, 0x7FFFFFFFu},
    Mode{Rounding::stochastic, oracle::Rounding::stochastic, 0x13579BDFu},
};

std::int16_t int16_of(std::int64_t input) {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(input));
}

void expect_cases(std::int64_t cases, std::int64_t expected) {
    std::cout << cases << " cases\n";
    EXPECT_EQ(cases, expected);
}

TEST(OracleUnary, DequantizeEveryMantissa) {
    std::int64_t cases = 0;
    for (const int e : {-126, -125, -100, -64, -17, -16, -15, -1, 0, 1, 14, 50, 99, 112, 113}) {
        for (std::int64_t i = 0; i < kInputs; ++i, ++cases) {
            if (int16_of(i) == -32768 && e == 113) {  // -2^128, the only one without an FP32 number
                ASSERT_THROW(oracle::dequantize(int16_of(i), e), oracle::Error);
                continue;
            }
            const float got = dequantize({int16_of(i)}, {e});
            const float expected = oracle::dequantize(int16_of(i), e);
            ASSERT_EQ(std::bit_cast<std::uint32_t>(got), std::bit_cast<std::uint32_t>(expected))
                << int16_of(i) << " e " << e;
            ASSERT_TRUE(got == 0 || std::isnormal(got));
        }
    }
    expect_cases(cases, 15 * kInputs);
}

TEST(OracleUnary, RoundEveryInt16AtEveryShift) {
    std::int64_t cases = 0;
    for (const Mode& mode : kModes) {
        for (int shift = 0; shift < 64; ++shift) {
            for (std::int64_t i = 0; i < kInputs; ++i, ++cases) {
                const std::int64_t got = round_shift(int16_of(i), shift, mode.sim, mode.random);
                const auto expected = oracle::round<oracle::Wide>(int16_of(i), shift, mode.oracle, mode.random);
                ASSERT_EQ(got, expected) << int16_of(i) << " >> " << shift << " mode " << static_cast<int>(mode.sim);
            }
        }
    }
    expect_cases(cases, 6 * 64 * kInputs);
}

TEST(OracleUnary, AlignEveryMantissaAtEveryDistance) {
    std::int64_t cases = 0;
    const std::vector<int> far = {48, 63, 64, 65, 100, 200, 238};
    for (const Mode& mode : kModes) {
        for (int step = 0; step <= 40 + static_cast<int>(far.size()); ++step) {
            const int shift = step <= 40 ? step : far[static_cast<std::size_t>(step - 41)];
            for (std::int64_t i = 0; i < kInputs; ++i, ++cases) {
                const std::int64_t got = align({int16_of(i)}, shift, mode.sim, mode.random).value;
                const bool narrow = shift <= 64;
                const std::int64_t expected =
                    narrow ? oracle::round<oracle::Wide>(int16_of(i), shift, mode.oracle, mode.random)
                                 .convert_to<std::int64_t>()
                           : oracle::round<oracle::Integer>(int16_of(i), shift, mode.oracle, mode.random)
                                 .convert_to<std::int64_t>();
                ASSERT_EQ(got, expected) << int16_of(i) << " >> " << shift << " mode " << static_cast<int>(mode.sim);
            }
        }
    }
    expect_cases(cases, 6 * 48 * kInputs);
}

TEST(OracleUnary, ClampEveryInt16AtEveryHeadroom) {
    std::int64_t cases = 0;
    for (int h = 0; h <= kHeadroomMax; ++h) {
        for (std::int64_t i = 0; i < kInputs; ++i, ++cases) {
            const std::int16_t got = clamp_mantissa(int16_of(i), h).value;
            // A number that is an integer already is only clamped.
            ASSERT_EQ(got, oracle::quantize_element(int16_of(i), 0, h, oracle::Rounding::nearest_even, 0));
        }
    }
    expect_cases(cases, 15 * kInputs);
}

/// Every sign, exponent and the upper seven fraction bits, as the only element: each headroom, each mode.
TEST(OracleUnary, QuantizeEveryUpperHalfAlone) {
    std::int64_t cases = 0;
    std::int64_t errors = 0;
    for (const int h : {0, 1, 2, 3, 7, 13, 14}) {
        for (std::size_t mode = 0; mode < 3; ++mode) {
            for (std::int64_t i = 0; i < kInputs; ++i, ++cases) {
                // Below the upper half: a pattern with a tie for most headrooms, and others.
                const auto bits = static_cast<std::uint32_t>(i) << 16 | (i % 3 == 0   ? 0u
                                                                         : i % 3 == 1 ? 0x8000u
                                                                                      : 0x5A5Bu);
                const float x = std::bit_cast<float>(bits);
                const RandomStream random{11, static_cast<std::uint32_t>(i), Purpose::quantize, 3};
                const oracle::Draw draw{11, static_cast<std::uint32_t>(i), 3};
                Mantissa got;
                if (!std::isfinite(x)) {
                    ASSERT_THROW(quantize({&x, 1}, h, kModes[mode].sim, random, {&got, 1}), InputError);
                    ASSERT_THROW(oracle::quantize({x}, h, kModes[mode].oracle, draw), oracle::Error);
                    ++errors;
                    continue;
                }
                const Exponent e = quantize({&x, 1}, h, kModes[mode].sim, random, {&got, 1});
                const oracle::Dfp expected = oracle::quantize({x}, h, kModes[mode].oracle, draw);
                ASSERT_EQ(e.value, expected.e) << x << " headroom " << h;
                ASSERT_EQ(got.value, expected.m[0]) << x << " headroom " << h << " mode " << mode;
            }
        }
    }
    expect_cases(cases, 7 * 3 * kInputs);
    EXPECT_EQ(errors, 7 * 3 * 256);  // NaN and Inf
}

/// The same as one element among others: against fixed exponents, none below its own.
TEST(OracleUnary, QuantizeEveryUpperHalfAtFixedExponents) {
    std::int64_t cases = 0;
    constexpr int h = 2;
    for (const int e : {-126, -110, -40, -12, -1, 0, 3, 60, 115}) {
        for (const Mode& mode : kModes) {
            for (std::int64_t i = 0; i < kInputs; ++i) {
                const float x = std::bit_cast<float>(static_cast<std::uint32_t>(i << 16 | i % 2));
                if (!std::isfinite(x) || exponent_for(std::fabs(x), h).value > e) continue;
                const std::int16_t got = quantize_element(x, {e}, h, mode.sim, mode.random).value;
                ASSERT_EQ(got, oracle::quantize_element(x, e, h, mode.oracle, mode.random)) << x << " e " << e;
                ++cases;
            }
        }
    }
    // Of 2 * 255 * 128 finite patterns, those with a floor(log2) up to e + 12, and all subnormals.
    std::int64_t expected = 0;
    for (const int e : {-126, -110, -40, -12, -1, 0, 3, 60, 115}) expected += 2 * 128 * std::min(255, e + 12 + 128);
    expect_cases(cases, 6 * expected);
}

/// Every INT16 value as the only element of a down-conversion, and beside the largest value of each bit length.
TEST(OracleUnary, DownConvertEveryInt16) {
    std::int64_t cases = 0;
    for (const int h : {0, 1, 2, 5, 13, 14}) {
        for (std::size_t mode = 0; mode < 3; ++mode) {
            for (std::int64_t i = 0; i < kInputs; ++i, ++cases) {
                const int companion_bits = static_cast<int>(i * 7 % 32);  // 0: alone
                std::vector<std::int32_t> v = {int16_of(i)};
                if (companion_bits > 0) v.push_back(static_cast<std::int32_t>((std::int64_t{1} << companion_bits) - 1));
                const int e = static_cast<int>(i % 160) - 140;  // some below -126
                std::vector<Accumulator> accumulators;
                for (const std::int32_t value : v) accumulators.push_back({value});
                std::vector<Mantissa> got(v.size());
                const RandomStream random{5, static_cast<std::uint32_t>(i), Purpose::down_convert, 9};
                const Exponent got_e = down_convert(accumulators, {e}, h, kModes[mode].sim, random, got);
                const oracle::Dfp expected =
                    oracle::down_convert(v, e, h, kModes[mode].oracle, {5, static_cast<std::uint32_t>(i), 9});
                ASSERT_EQ(got_e.value, expected.e);
                for (std::size_t j = 0; j < v.size(); ++j) {
                    ASSERT_EQ(got[j].value, expected.m[j]) << v[j] << " beside " << v.back() << " headroom " << h;
                }
            }
        }
    }
    expect_cases(cases, 6 * 3 * kInputs);
}

}  // namespace
}  // namespace dfp16
