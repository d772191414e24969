// Philox4x32-10 against the known answers that its authors publish (Random123, kat_vectors), and the streams of
// contract section 4.
#include "sim/philox.h"

#include <gtest/gtest.h>

#include "tests/oracle/operands.h"
#include "tests/oracle/philox.h"

namespace dfp16 {
namespace {

struct KnownAnswer {
    PhiloxCounter counter;
    PhiloxKey key;
    PhiloxCounter answer;
};

constexpr std::array kKnownAnswers = {
    KnownAnswer{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    KnownAnswer{{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                {0xffffffff, 0xffffffff},
                {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    KnownAnswer{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                {0xa4093822, 0x299f31d0},
                {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

TEST(Philox, KnownAnswers) {
    for (const auto& [counter, key, answer] : kKnownAnswers) {
        EXPECT_EQ(philox4x32(counter, key), answer);
        EXPECT_EQ(oracle::philox(counter, key), answer);
    }
}

TEST(Philox, AgreesWithOracle) {
    oracle::Source source(1);
    const auto word = [&] { return static_cast<std::uint32_t>(source.next()); };
    for (int i = 0; i < 1'000'000; ++i) {
        const PhiloxCounter counter = {word(), word(), word(), word()};
        const PhiloxKey key = {word(), word()};
        ASSERT_EQ(philox4x32(counter, key), oracle::philox(counter, key));
    }
}

TEST(Philox, StreamsAgreeWithOracle) {
    oracle::Source source(2);
    for (int i = 0; i < 200'000; ++i) {
        const std::uint64_t seed = source.next();
        const auto step = static_cast<std::uint32_t>(source.next());
        const auto purpose = static_cast<std::uint32_t>(1 + source.below(8));
        const auto tensor = static_cast<std::uint32_t>(source.below(1u << 24));
        const std::uint64_t element = source.next() >> source.below(64);
        const RandomStream stream{seed, step, static_cast<Purpose>(purpose), tensor};
        ASSERT_EQ(stream.word(element), oracle::word({seed, step, tensor}, purpose, element));
    }
}

/// Element 4 * block + lane of a stream is that lane of one call; spelled out once by hand.
TEST(Philox, StreamByHand) {
    constexpr RandomStream stream{0x0123456789abcdefu, 7, Purpose::down_convert, 5};
    const PhiloxCounter words = philox4x32({2, 1, 7, 0x03000005}, {0x89abcdef, 0x01234567});
    for (std::uint64_t lane = 0; lane < 4; ++lane) EXPECT_EQ(stream.word(4 * 0x100000002u + lane), words[lane]);
}

}  // namespace
}  // namespace dfp16
