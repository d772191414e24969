// Contract section 10: the steps to the bit, and how near they come to the functions.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <iostream>

#include "sim/exp.h"
#include "sim/log.h"
#include "tests/oracle/exp_log.h"
#include "tests/oracle/operands.h"

namespace dfp16 {
namespace {

std::uint32_t bits(float x) {
    return std::bit_cast<std::uint32_t>(x);
}
float from_bits(std::uint32_t b) {
    return std::bit_cast<float>(b);
}

/// |got - exact| in units of the last place of an FP32 number as large as exact.
double ulps(float got, long double exact) {
    return static_cast<double>(std::fabs(got - exact) / std::ldexp(1.0L, std::max(std::ilogb(exact), -126) - 23));
}

/// x in [-87, 0], its magnitude's logarithm spread evenly.
float exp_argument(oracle::Source& source) {
    return -from_bits(static_cast<std::uint32_t>(source.below(bits(87.0f) + 1)));
}

/// x >= 1, finite.
float log_argument(oracle::Source& source) {
    return from_bits(static_cast<std::uint32_t>(bits(1.0f) + source.below(0x7F800000u - bits(1.0f))));
}

TEST(SimExp, StepsAgreeWithOracle) {
    oracle::Source source(41);
    for (int i = 0; i < 500'000; ++i) {
        // Every other one of the larger magnitudes, where the reduction works.
        const float x = i % 2 == 0 ? exp_argument(source) : -static_cast<float>(source.below(87u << 18)) * 0x1p-18f;
        ASSERT_EQ(bits(contract_exp(x)), bits(oracle::exp(x))) << std::hexfloat << x;
    }
}

/// About each multiple of ln(2)/2, where n changes; about 0; and about the end of the range.
TEST(SimExp, StepsAgreeWithOracleAtTheSeams) {
    int cases = 0;
    for (int half = 0; half <= 251; ++half) {
        const std::uint32_t centre = bits(static_cast<float>(-0.34657359 * half));
        for (std::uint32_t delta = 0; delta < 80; ++delta, ++cases) {
            const float x = half == 0 ? from_bits(0x80000000u + delta) : from_bits(centre + delta - 40);
            ASSERT_EQ(bits(contract_exp(x)), bits(oracle::exp(x))) << std::hexfloat << x;
        }
    }
    for (const float x :
         {-87.0f, std::nextafter(-87.0f, -88.0f), std::nextafter(-87.0f, 0.0f), -88.0f, -1e30f, 0.0f, -0.0f}) {
        EXPECT_EQ(bits(contract_exp(x)), bits(oracle::exp(x))) << x;
    }
    EXPECT_EQ(cases, 252 * 80);
}

TEST(SimExp, Accuracy) {
    oracle::Source source(42);
    double worst = 0;
    for (int i = 0; i < 3'000'000; ++i) {
        const float x = exp_argument(source);
        worst = std::max(worst, ulps(contract_exp(x), std::exp(static_cast<long double>(x))));
    }
    std::cout << "exp: at most " << worst << " ulp\n";
    EXPECT_LT(worst, 1.0);
    EXPECT_EQ(contract_exp(0.0f), 1.0f);
    EXPECT_EQ(contract_exp(-0.0f), 1.0f);
    EXPECT_EQ(bits(contract_exp(-87.5f)), bits(0.0f));
    EXPECT_TRUE(std::isnormal(contract_exp(-87.0f)));
}

TEST(SimLog, StepsAgreeWithOracle) {
    oracle::Source source(43);
    for (int i = 0; i < 500'000; ++i) {
        // Every other one a sum of few exponentials, as the softmax has them.
        const float x =
            i % 2 == 0 ? log_argument(source) : 1.0f + static_cast<float>(source.below(1u << 20)) * 0x1p-16f;
        ASSERT_EQ(bits(contract_log(x)), bits(oracle::log(x))) << std::hexfloat << x;
    }
}

TEST(SimLog, StepsAgreeWithOracleAtTheSeams) {
    for (std::uint32_t k = 0; k < 127; ++k) {
        for (const float m : {1.0f, 0x1.6a09e6p0f, 0x1.fffffep0f}) {
            for (std::uint32_t delta = 0; delta < 21; ++delta) {
                const float x = from_bits(bits(m) + (k << 23) + delta - 10);
                if (x < 1.0f) continue;
                ASSERT_EQ(bits(contract_log(x)), bits(oracle::log(x))) << std::hexfloat << x;
            }
        }
    }
    EXPECT_EQ(bits(contract_log(1.0f)), bits(0.0f));
    EXPECT_EQ(bits(oracle::log(1.0f)), bits(0.0f));
}

TEST(SimLog, Accuracy) {
    oracle::Source source(44);
    double worst = 0;
    for (int i = 0; i < 3'000'000; ++i) {
        const float x =
            i % 2 == 0 ? log_argument(source) : 1.0f + static_cast<float>(source.below(1u << 20)) * 0x1p-16f;
        if (x == 1.0f) continue;
        worst = std::max(worst, ulps(contract_log(x), std::log(static_cast<long double>(x))));
    }
    std::cout << "log: at most " << worst << " ulp\n";
    EXPECT_LT(worst, 2.0);
}

}  // namespace
}  // namespace dfp16
