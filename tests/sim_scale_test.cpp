// Policy `exact`: RN32(S * 2^k) with one rounding only. Corners of FP32: subnormals, ties, the largest number,
// overflow.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "sim/accumulate.h"
#include "sim/types/error.h"
#include "tests/oracle/exact.h"
#include "tests/oracle/operands.h"

namespace dfp16 {
namespace {

std::uint32_t bits(float x) {
    return std::bit_cast<std::uint32_t>(x);
}

TEST(SimScale, ByHand) {
    EXPECT_EQ(bits(scale_exact(0, 100)), bits(0.0f));
    EXPECT_EQ(scale_exact(-3, 4), -48.0f);
    EXPECT_EQ(scale_exact((1 << 24) + 1, 0), 0x1p24f);      // a tie: to even, down
    EXPECT_EQ(scale_exact((1 << 24) + 3, 0), 0x1p24f + 4);  // a tie: to even, up
    EXPECT_EQ(scale_exact((std::int64_t{1} << 60) + 1, -40), 0x1p20f);
    EXPECT_EQ(scale_exact((std::int64_t{1} << 62) + (std::int64_t{1} << 38) + 1, 0),
              0x1p62f + 0x1p39f);  // just over a tie
    EXPECT_EQ(scale_exact(std::numeric_limits<std::int64_t>::min(), 0), -0x1p63f);
    EXPECT_EQ(scale_exact(std::numeric_limits<std::int64_t>::max(), 0), 0x1p63f);
}

/// Rounding twice, through binary64, would give the tie's even neighbour.
TEST(SimScale, RoundsOnce) {
    const std::int64_t sum = (std::int64_t{1} << 60) + (std::int64_t{1} << 36) + 1;
    const float once = scale_exact(sum, 0);
    EXPECT_EQ(once, 0x1p60f + 0x1p37f);
    EXPECT_NE(once, static_cast<float>(static_cast<double>(sum)));
}

TEST(SimScale, Subnormals) {
    EXPECT_EQ(scale_exact(1, -149), 0x1p-149f);
    EXPECT_EQ(bits(scale_exact(1, -150)), bits(0.0f));  // half of the least: to even
    EXPECT_EQ(bits(scale_exact(-1, -150)), bits(-0.0f));
    EXPECT_EQ(scale_exact(3, -151), 0x1p-149f);
    EXPECT_EQ(scale_exact(3, -150), 0x1p-148f);              // 1.5: to even
    EXPECT_EQ(scale_exact((1 << 24) - 1, -150), 0x1p-126f);  // rounds up into the normal numbers
    EXPECT_EQ(bits(scale_exact(-1, -252)), bits(-0.0f));
    EXPECT_EQ(bits(scale_exact(std::numeric_limits<std::int64_t>::max(), -252)), bits(0.0f));
    EXPECT_EQ(scale_exact((std::int64_t{1} << 62) + 1, -212), 0x1p-149f);  // shifted by 63: just over half
    EXPECT_EQ(bits(scale_exact(std::int64_t{1} << 62, -212)), bits(0.0f));
    EXPECT_EQ(scale_exact(std::numeric_limits<std::int64_t>::min() + 1, -212), -0x1p-149f);
}

TEST(SimScale, BeyondFp32) {
    constexpr float largest = std::numeric_limits<float>::max();
    EXPECT_EQ(scale_exact((1 << 24) - 1, 104), largest);
    EXPECT_EQ(scale_exact((std::int64_t{1} << 26) - 3, 102), largest);        // below the tie with 2^128
    EXPECT_THROW(scale_exact((std::int64_t{1} << 26) - 2, 102), InputError);  // the tie
    EXPECT_THROW(scale_exact(1, 128), InputError);
    EXPECT_THROW(scale_exact(-1, 128), InputError);
    EXPECT_THROW(scale_exact(1, 226), InputError);
    EXPECT_EQ(scale_exact(0, 226), 0.0f);
    EXPECT_EQ(scale_chain(0x1p30f, 97), 0x1p127f);
    EXPECT_THROW(scale_chain(0x1p30f, 98), InputError);
    EXPECT_THROW(scale_chain(-largest, 1), InputError);
    EXPECT_EQ(bits(scale_chain(-1.0f, -150)), bits(-0.0f));
}

/// Every corner sum of 63 bits at every scale that two stored tensors can have.
TEST(SimScale, EveryCornerAtEveryScale) {
    std::int64_t cases = 0, errors = 0;
    const auto corners = oracle::corner_integers(63);
    for (const std::int64_t sum : corners) {
        for (int k = -252; k <= 226; k += sum % 2 == 0 ? 7 : 3, ++cases) {
            std::optional<std::uint32_t> got, expected;
            try {
                got = bits(scale_exact(sum, k));
            } catch (const InputError&) {
                ++errors;
            }
            try {
                expected = bits(oracle::rn32({sum, k}));
            } catch (const oracle::Error&) {
            }
            ASSERT_EQ(got, expected) << sum << " * 2^" << k;
        }
    }
    EXPECT_GT(cases, 500'000);
    EXPECT_GT(errors, 1000);
}

}  // namespace
}  // namespace dfp16
