// Contract section 3 by hand; tests/oracle_unary_test.cpp has every input.
#include <gtest/gtest.h>

#include "sim/mantissa_limit.h"
#include "sim/quantize.h"
#include "sim/round.h"
#include "sim/types/error.h"

namespace dfp16 {
namespace {

constexpr std::int64_t nearest(std::int64_t v, int shift) {
    return round_shift(v, shift, Rounding::nearest_even, 0);
}
constexpr std::int64_t truncated(std::int64_t v, int shift) {
    return round_shift(v, shift, Rounding::toward_zero, 0);
}
constexpr std::int64_t stochastic(std::int64_t v, int shift, std::uint32_t random) {
    return round_shift(v, shift, Rounding::stochastic, random);
}

TEST(SimRound, NearestEven) {
    EXPECT_EQ(nearest(5, 0), 5);
    EXPECT_EQ(nearest(-5, 0), -5);
    EXPECT_EQ(nearest(2, 2), 0);   // 0.5
    EXPECT_EQ(nearest(3, 2), 1);   // 0.75
    EXPECT_EQ(nearest(6, 2), 2);   // 1.5
    EXPECT_EQ(nearest(10, 2), 2);  // 2.5
    EXPECT_EQ(nearest(-6, 2), -2);
    EXPECT_EQ(nearest(-10, 2), -2);
    EXPECT_EQ(nearest(-11, 2), -3);
    EXPECT_EQ(nearest(std::int64_t{1} << 31, 32), 0);  // half
    EXPECT_EQ(nearest((std::int64_t{1} << 31) + 1, 32), 1);
    EXPECT_EQ(nearest((std::int64_t{1} << 32) - 1, 63), 0);
    EXPECT_EQ(nearest(-(std::int64_t{1} << 31), 200), 0);
}

TEST(SimRound, TowardZero) {
    EXPECT_EQ(truncated(7, 2), 1);
    EXPECT_EQ(truncated(-7, 2), -1);
    EXPECT_EQ(truncated(-3, 2), 0);
}

TEST(SimRound, Stochastic) {
    EXPECT_EQ(stochastic(3, 2, 0xBFFFFFFFu), 1);  // t = 0.75 * 2^32
    EXPECT_EQ(stochastic(3, 2, 0xC0000000u), 0);
    EXPECT_EQ(stochastic(-3, 2, 0xBFFFFFFFu), -1);
    EXPECT_EQ(stochastic(8, 2, 0), 2);  // no fraction: never up
    EXPECT_EQ(stochastic(1, 32, 0), 1);
    EXPECT_EQ(stochastic(1, 32, 1), 0);
    EXPECT_EQ(stochastic(1, 33, 0), 0);  // a fraction below 2^-32 never rounds up
    EXPECT_EQ(stochastic(3, 33, 0), 1);
    EXPECT_EQ(stochastic(3, 33, 1), 0);  // t is truncated
    EXPECT_EQ(stochastic((std::int64_t{1} << 32) - 1, 64, 0), 0);
}

/// As often as its fraction says: 2^16 evenly spread words.
TEST(SimRound, StochasticIsUnbiased) {
    for (std::int64_t v = 0; v < 64; ++v) {
        std::int64_t sum = 0;
        for (std::uint32_t i = 0; i < 65536; ++i) sum += stochastic(v, 4, i << 16);
        EXPECT_EQ(sum, v * 4096);
    }
}

TEST(SimRound, MantissaLimits) {
    EXPECT_EQ(mantissa_limit(0), 32767);
    EXPECT_EQ(mantissa_limit(2), 8191);
    EXPECT_EQ(mantissa_limit(14), 1);
    EXPECT_EQ(clamp_mantissa(-32768, 0).value, -32767);
    EXPECT_EQ(clamp_mantissa(8192, 2).value, 8191);
    EXPECT_EQ(clamp_mantissa(-8192, 2).value, -8191);
}

TEST(SimQuantize, ByHand) {
    const std::array<float, 4> x = {1.0f, -0.5f, 3.0f, 1e-6f};
    std::array<Mantissa, 4> y;
    const Exponent e = quantize(x, 2, Rounding::nearest_even, {}, y);
    EXPECT_EQ(e.value, 1 - 12);
    EXPECT_EQ(y[0].value, 2048);
    EXPECT_EQ(y[1].value, -1024);
    EXPECT_EQ(y[2].value, 6144);
    EXPECT_EQ(y[3].value, 0);
}

TEST(SimQuantize, ZerosAndSubnormals) {
    const std::array<float, 2> zeros = {0.0f, -0.0f};
    std::array<Mantissa, 2> y = {Mantissa{7}, Mantissa{7}};
    EXPECT_EQ(quantize(zeros, 2, Rounding::nearest_even, {}, y).value, -126);
    EXPECT_EQ(y[0].value, 0);
    EXPECT_EQ(y[1].value, 0);
    const std::array<float, 2> small = {0x1p-127f, -0x1p-149f};
    EXPECT_EQ(quantize(small, 2, Rounding::nearest_even, {}, y).value, -126);
    EXPECT_EQ(y[0].value, 0);  // 0.5: to even
    EXPECT_EQ(y[1].value, 0);
}

TEST(SimQuantize, ErrorsNameTheIndex) {
    std::vector<float> x(20, 1.0f);
    std::vector<Mantissa> y(20);
    x[13] = std::numeric_limits<float>::quiet_NaN();
    x[17] = -std::numeric_limits<float>::infinity();
    for (const auto& [index, word] : {std::pair{13, "NaN"}, std::pair{17, "infinite"}}) {
        try {
            quantize(x, 2, Rounding::nearest_even, {}, y);
            FAIL();
        } catch (const InputError& error) {
            const std::string message = error.what();
            EXPECT_NE(message.find(std::to_string(index)), std::string::npos) << message;
            EXPECT_NE(message.find(word), std::string::npos) << message;
        }
        x[static_cast<std::size_t>(index)] = 0.0f;
    }
    EXPECT_NO_THROW(quantize(x, 2, Rounding::nearest_even, {}, y));
}

}  // namespace
}  // namespace dfp16
