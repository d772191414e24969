// The overflow certificate and the overflow oracle (contract section 5).
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "sim/accumulate.h"
#include "sim/certificate.h"
#include "sim/overflow_oracle.h"
#include "tests/oracle/operands.h"

namespace dfp16 {
namespace {

std::vector<Mantissa> list(const std::vector<int>& values) {
    std::vector<Mantissa> result;
    for (const int value : values) result.push_back({static_cast<std::int16_t>(value)});
    return result;
}

OutputOverflow followed(const std::vector<int>& a, const std::vector<int>& b, std::int64_t chain) {
    OutputOverflow output;
    follow(output, list(a), list(b), chain, 0);
    return output;
}

TEST(SimCertificate, AtTheLimit) {
    constexpr std::int64_t limit = std::int64_t{1} << 31;
    for (const std::int64_t a : oracle::corner_integers(17)) {
        if (a <= 0) continue;
        const std::int64_t l1 = (limit - 1) / a;
        EXPECT_TRUE(certified(a, l1)) << a;
        EXPECT_FALSE(certified(a, l1 + 1)) << a;
    }
    EXPECT_TRUE(certified(0, std::int64_t{1} << 62));
    EXPECT_TRUE(certified(32767, 2 * 32767));   // one pair of symmetric mantissas always certifies
    EXPECT_FALSE(certified(32768, 2 * 32768));  // -32768 not even that
    EXPECT_FALSE(certified(32768, std::int64_t{1} << 50));
}

/// b random; a within largest_a, by turns random, or the worst: largest_a with b's signs, or with the opposite ones.
std::vector<Mantissa> operand_a(const std::vector<Mantissa>& b, std::int16_t largest_a, std::uint64_t kind,
                                oracle::Source& source) {
    std::vector<Mantissa> a;
    for (const Mantissa m : b) {
        const auto random = static_cast<int>(source.below(2 * static_cast<std::uint64_t>(largest_a) + 1)) - largest_a;
        const int worst = (m.value < 0) != (kind == 1) ? -largest_a : largest_a;
        a.push_back({static_cast<std::int16_t>(kind == 2 ? random : worst)});
    }
    return a;
}

/// Certified chains stay in INT32 at every partial sum, and equal their exact sum. One more unit of |b| than the
/// certificate allows, and the worst a leaves INT32: there is no better certificate of this form.
TEST(SimCertificate, HoldsAndIsTight) {
    oracle::Source source(31);
    int certified_chains = 0;
    int broken_chains = 0;
    for (int i = 0; i < 60'000; ++i) {
        const auto largest_a = static_cast<std::int16_t>(1 + source.below(32767));
        const std::int64_t allowed = ((std::int64_t{1} << 31) - 1) / largest_a;
        // Fill b up to the allowed norm, where that takes at most 4096 elements.
        std::vector<Mantissa> b;
        std::int64_t l1 = 0;
        const std::int64_t typical =
            std::max<std::int64_t>(allowed / (1 + static_cast<std::int64_t>(source.below(64))), 1);
        while (l1 < allowed && b.size() < 4096) {
            const std::int64_t wish =
                1 + static_cast<std::int64_t>(source.below(static_cast<std::uint64_t>(2 * typical)));
            const std::int64_t magnitude = std::min({wish, allowed - l1, std::int64_t{32767}});
            b.push_back({static_cast<std::int16_t>(source.below(2) == 0 ? magnitude : -magnitude)});
            l1 += magnitude;
        }
        if (b.size() % 2 == 1) b.push_back({0});
        const auto pairs = static_cast<std::int64_t>(b.size());
        ASSERT_TRUE(certified(largest_a, l1));
        for (const std::uint64_t kind : {0, 1, 2}) {
            const auto a = operand_a(b, largest_a, kind, source);
            OutputOverflow output;
            follow(output, a, b, pairs, 0);
            ASSERT_EQ(output.first_pair, -1);
            ASSERT_LE(output.largest_magnitude, largest_a * l1);
            ASSERT_GE(output.margin(), 0);
            ASSERT_EQ(wrap_sum({0}, a, b).value, exact_sum(a, b));
            ASSERT_EQ(saturate_sum({0}, a, b).value, exact_sum(a, b));
            ++certified_chains;
        }
        if (l1 < allowed) continue;
        b.insert(b.end(), {Mantissa{1}, Mantissa{0}});
        ASSERT_FALSE(certified(largest_a, l1 + 1));
        const auto a = operand_a(b, largest_a, 0, source);
        OutputOverflow output;
        follow(output, a, b, pairs, 0);
        ASSERT_EQ(output.first_pair, static_cast<std::int64_t>(b.size() / 2) - 1);
        ASSERT_NE(wrap_sum({0}, a, b).value, exact_sum(a, b));
        ++broken_chains;
    }
    EXPECT_EQ(certified_chains, 180'000);
    EXPECT_GT(broken_chains, 50'000);
}

TEST(SimOverflowOracle, FirstPair) {
    const std::vector<int> full(8, 32767);
    EXPECT_EQ(followed(full, full, 4).first_pair, 1);
    EXPECT_EQ(followed(full, full, 1).first_pair, -1);  // each pair by itself fits
    const std::vector<int> lowest(2, -32768);
    EXPECT_EQ(followed(lowest, lowest, 1).first_pair, 0);  // 2^31 in one pair
}

TEST(SimOverflowOracle, LowestNumberIsInRange) {
    const OutputOverflow output = followed({-32768, -32768}, {32767, 32767}, 1);
    EXPECT_EQ(output.first_pair, -1);
    const std::vector<int> b = {32767, 32767, 2, 0};  // -2^31 + 2^16 - 2^16
    EXPECT_EQ(followed({-32768, -32768, -32768, 0}, b, 2).first_pair, -1);
    EXPECT_EQ(followed({-32768, -32768, -32768, -1}, {32767, 32767, 2, 1}, 2).first_pair, 1);  // one below
}

/// An overflow that later pairs cancel has happened all the same; one that cancels within its pair has not.
TEST(SimOverflowOracle, Cancellation) {
    const OutputOverflow later =
        followed({32767, 32767, 32767, 0, -32767, -32767}, {32767, 32767, 32767, 0, 32767, 32767}, 8);
    EXPECT_EQ(later.first_pair, 1);
    EXPECT_EQ(later.margin(), -1);
    EXPECT_EQ(followed({32767, 32767, 32767, -32767}, {32767, 32767, 32767, 32767}, 8).first_pair, -1);
}

TEST(SimOverflowOracle, Margin) {
    EXPECT_EQ(followed({0, 0}, {5, 5}, 1).margin(), 31);
    EXPECT_EQ(followed({1, 0}, {1, 0}, 1).margin(), 30);
    EXPECT_EQ(followed({-1, 0}, {1, 0}, 1).margin(), 30);
    EXPECT_EQ(followed({32767, 32767}, {32767, 32767}, 1).margin(), 0);
    EXPECT_EQ(followed({16384, 0}, {16384, 0}, 1).margin(), 31 - 29);
    // The largest partial sum counts, not the last.
    EXPECT_EQ(followed({16384, 0, -16384, 0}, {16384, 0, 16384, 0}, 4).margin(), 31 - 29);
}

TEST(SimOverflowOracle, PairsOfEarlierListsCount) {
    OutputOverflow output;
    follow(output, list({1, 1}), list({1, 1}), 4, 0);
    const std::vector<int> full(8, 32767);
    follow(output, list(full), list(full), 4, 1);
    EXPECT_EQ(output.first_pair, 2);
}

TEST(SimOverflowOracle, Summary) {
    const std::vector<int> full(8, 32767);
    OverflowSummary late, early;
    late.add(10, followed({1, 0}, {1, 0}, 4));
    late.add(11, followed(full, full, 4));
    early.add(5, followed(full, full, 4));
    early.add_certified(100, 1 << 20);
    OverflowSummary merged = late;
    merged.merge(early);
    EXPECT_EQ(merged.outputs, 103);
    EXPECT_EQ(merged.overflowed, 2);
    EXPECT_EQ(merged.first_output, 5);
    EXPECT_EQ(merged.first_pair, 1);
    EXPECT_EQ(merged.smallest_margin, 31 - 33);
    OverflowSummary other_way = early;
    other_way.merge(late);
    EXPECT_EQ(other_way.first_output, merged.first_output);
    EXPECT_EQ(other_way.smallest_margin, merged.smallest_margin);
}

}  // namespace
}  // namespace dfp16
