// sim/ against the second oracle on corner and random cases of the rules with more than one input.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <iostream>
#include <optional>
#include <vector>

#include "sim/accumulate.h"
#include "sim/align.h"
#include "sim/certificate.h"
#include "sim/down_convert.h"
#include "sim/multiply.h"
#include "sim/overflow_oracle.h"
#include "sim/quantize.h"
#include "sim/types/error.h"
#include "tests/oracle/dfp.h"
#include "tests/oracle/operands.h"
#include "tests/oracle/sums.h"

namespace dfp16 {
namespace {

// Cases of each rule; a case is one output.
constexpr std::int64_t kMultiplyRandom = 4'000'000;
constexpr std::int64_t kRound = 4'000'000;
constexpr std::int64_t kQuantize = 1'000'000;
constexpr std::int64_t kDownConvert = 2'000'000;
constexpr std::int64_t kMultiplyTensor = 1'000'000;
constexpr std::int64_t kAdd = 2'000'000;
constexpr std::int64_t kScaleExact = 2'000'000;
constexpr std::int64_t kScaleChain = 1'000'000;
constexpr std::int64_t kSums = 1'000'000;  // each under four policies and the overflow oracle
static_assert(kMultiplyRandom + kRound + kQuantize + kDownConvert + kMultiplyTensor + kAdd + kScaleExact + kScaleChain +
                  5 * kSums >=
              20'000'000);

struct Mode {
    Rounding sim;
    oracle::Rounding oracle;
};
constexpr std::array kModes = {Mode{Rounding::nearest_even, oracle::Rounding::nearest_even},
                               Mode{Rounding::toward_zero, oracle::Rounding::toward_zero},
                               Mode{Rounding::stochastic, oracle::Rounding::stochastic}};

std::uint32_t bits(float x) {
    return std::bit_cast<std::uint32_t>(x);
}

void expect_cases(std::int64_t cases, std::int64_t expected) {
    std::cout << cases << " cases\n";
    EXPECT_EQ(cases, expected);
}

/// Both sides' answer, or nothing for an error.
template <typename Error, typename Function>
auto value_or_error(const Function& function) -> std::optional<decltype(function())> {
    try {
        return function();
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::vector<Accumulator> accumulators(const std::vector<std::int32_t>& values) {
    std::vector<Accumulator> result;
    for (const std::int32_t value : values) result.push_back({value});
    return result;
}

std::vector<std::int16_t> integers(const std::vector<Mantissa>& values) {
    std::vector<std::int16_t> result;
    for (const Mantissa value : values) result.push_back(value.value);
    return result;
}

TEST(OracleRandom, MultiplyEveryMantissaByEveryCorner) {
    const std::vector<std::int64_t> corners = oracle::corner_integers(16);
    std::int64_t cases = 0;
    for (std::int64_t a = -32768; a <= 32767; ++a) {
        for (const std::int64_t b : corners) {
            const Accumulator got = multiply({static_cast<std::int16_t>(a)}, {static_cast<std::int16_t>(b)});
            ASSERT_EQ(got.value, oracle::Wide(a) * b) << a << " * " << b;
            ++cases;
        }
    }
    EXPECT_GT(corners.size(), 300u);
    expect_cases(cases, 65536 * static_cast<std::int64_t>(corners.size()));
}

TEST(OracleRandom, Multiply) {
    oracle::Source source(1);
    std::int64_t cases = 0;
    for (; cases < kMultiplyRandom; ++cases) {
        const std::int16_t a = source.int16();
        const std::int16_t b = source.int16();
        ASSERT_EQ(multiply({a}, {b}).value, oracle::Wide(a) * b) << a << " * " << b;
    }
    expect_cases(cases, kMultiplyRandom);
}

/// Values of up to 32 bits, as down-conversion rounds them; every third one a tie or beside one.
TEST(OracleRandom, Round) {
    oracle::Source source(2);
    std::int64_t cases = 0;
    for (; cases < kRound; ++cases) {
        const int shift = static_cast<int>(source.below(80));
        std::int64_t v = source.int32();
        if (cases % 3 == 0 && shift > 0 && shift < 32) {
            const std::int64_t tie = (2 * (v >> shift) + 1) * (std::int64_t{1} << (shift - 1));
            v = tie + static_cast<std::int64_t>(source.below(3)) - 1;
        }
        const Mode& mode = kModes[source.below(3)];
        auto random = static_cast<std::uint32_t>(source.next());
        if (cases % 5 == 0 && shift > 0 && shift <= 32) {  // at the very threshold of rounding up
            const std::uint64_t rest = static_cast<std::uint64_t>(v < 0 ? -v : v) % (std::uint64_t{1} << shift);
            random = static_cast<std::uint32_t>((rest << (32 - shift)) - source.below(2));
        }
        ASSERT_EQ(round_shift(v, shift, mode.sim, random), oracle::round<oracle::Wide>(v, shift, mode.oracle, random))
            << v << " >> " << shift << " mode " << static_cast<int>(mode.sim) << " random " << random;
    }
    expect_cases(cases, kRound);
}

/// FP32 of any sign, exponent and fraction; a tensor's are near one another or far apart.
float random_float(oracle::Source& source, std::uint32_t centre, std::uint32_t spread) {
    const std::uint64_t choice = source.below(16);
    if (choice == 0) return 0.0f;
    const auto field = static_cast<std::uint32_t>(std::min<std::uint64_t>(254, centre + source.below(spread)));
    std::uint32_t fraction = static_cast<std::uint32_t>(source.next()) & 0x7FFFFFu;
    if (choice < 8) fraction &= ~0u << source.below(24) & 0x7FFFFFu;  // ties are frequent among these
    if (choice == 8) fraction = 0x7FFFFFu;
    return std::bit_cast<float>(static_cast<std::uint32_t>(source.below(2)) << 31 | field << 23 | fraction);
}

TEST(OracleRandom, Quantize) {
    oracle::Source source(3);
    std::int64_t cases = 0;
    while (cases < kQuantize) {
        std::vector<float> x(1 + source.below(16));
        const auto centre = static_cast<std::uint32_t>(source.below(255));
        const auto spread = static_cast<std::uint32_t>(1 + source.below(cases % 3 == 0 ? 60 : 18));
        for (float& value : x) value = random_float(source, centre, spread);
        const int h = static_cast<int>(source.below(15));
        const Mode& mode = kModes[source.below(3)];
        const oracle::Draw draw{source.next(), static_cast<std::uint32_t>(source.next()), 77};
        std::vector<Mantissa> got(x.size());
        const Exponent e = quantize(x, h, mode.sim, {draw.seed, draw.step, Purpose::quantize, draw.tensor}, got);
        ASSERT_EQ((oracle::Dfp{integers(got), e.value}), oracle::quantize(x, h, mode.oracle, draw));
        cases += static_cast<std::int64_t>(x.size());
    }
    std::cout << cases << " cases\n";
    EXPECT_GE(cases, kQuantize);
}

std::vector<std::int32_t> random_integers(oracle::Source& source) {
    std::vector<std::int32_t> v(1 + source.below(16));
    const std::uint64_t narrower = source.below(32);
    for (std::int32_t& value : v) value = source.int32() >> narrower;
    return v;
}

TEST(OracleRandom, DownConvert) {
    oracle::Source source(4);
    std::int64_t cases = 0;
    std::int64_t errors = 0;
    while (cases < kDownConvert) {
        const std::vector<std::int32_t> v = random_integers(source);
        const int e = static_cast<int>(source.below(380)) - 260;
        const int h = static_cast<int>(source.below(15));
        const Mode& mode = kModes[source.below(3)];
        const oracle::Draw draw{source.next(), static_cast<std::uint32_t>(source.next()), 78};
        const auto got = value_or_error<InputError>([&] {
            std::vector<Mantissa> y(v.size());
            const RandomStream random{draw.seed, draw.step, Purpose::down_convert, draw.tensor};
            const Exponent y_e = down_convert(accumulators(v), {e}, h, mode.sim, random, y);
            return oracle::Dfp{integers(y), y_e.value};
        });
        ASSERT_EQ(got, value_or_error<oracle::Error>([&] { return oracle::down_convert(v, e, h, mode.oracle, draw); }));
        errors += got ? 0 : 1;
        cases += static_cast<std::int64_t>(v.size());
    }
    std::cout << cases << " cases, " << errors << " errors\n";
    EXPECT_GE(cases, kDownConvert);
    EXPECT_GT(errors, 0);
}

oracle::Dfp random_dfp(oracle::Source& source, std::size_t size, int centre, int spread) {
    oracle::Dfp x{std::vector<std::int16_t>(size),
                  centre + static_cast<int>(source.below(static_cast<std::uint64_t>(spread)))};
    const std::uint64_t narrower = source.below(16);
    for (std::int16_t& value : x.m) value = std::max<std::int16_t>(source.int16(), -32767) >> narrower;
    return x;
}

TEST(OracleRandom, MultiplyTensors) {
    oracle::Source source(5);
    std::int64_t cases = 0;
    while (cases < kMultiplyTensor) {
        const std::size_t size = 1 + source.below(16);
        const oracle::Dfp a = random_dfp(source, size, -126, 170);
        const oracle::Dfp b = random_dfp(source, size, -126, 170);
        const int h = static_cast<int>(source.below(15));
        const Mode& mode = kModes[source.below(3)];
        const oracle::Draw draw{source.next(), 5, 79};
        std::vector<Accumulator> v;
        for (std::size_t i = 0; i < size; ++i) v.push_back(multiply({a.m[i]}, {b.m[i]}));
        std::vector<Mantissa> y(size);
        const Exponent e =
            down_convert(v, {a.e + b.e}, h, mode.sim, {draw.seed, draw.step, Purpose::down_convert, draw.tensor}, y);
        ASSERT_EQ((oracle::Dfp{integers(y), e.value}), oracle::multiply(a, b, h, mode.oracle, draw));
        cases += static_cast<std::int64_t>(size);
    }
    std::cout << cases << " cases\n";
    EXPECT_GE(cases, kMultiplyTensor);
}

TEST(OracleRandom, AddTensors) {
    oracle::Source source(6);
    std::int64_t cases = 0;
    while (cases < kAdd) {
        const std::size_t size = 1 + source.below(16);
        const int spread = cases % 4 == 0 ? 200 : 20;  // some align everything out
        const int centre = static_cast<int>(source.below(spread == 20 ? 200 : 20)) - 126;
        const oracle::Dfp a = random_dfp(source, size, centre, spread);
        const oracle::Dfp b = random_dfp(source, size, centre, spread);
        const bool relu = source.below(2) == 1;
        const int h = static_cast<int>(source.below(15));
        const Mode& mode = kModes[source.below(3)];
        const oracle::Draw draw{source.next(), 5, 80};
        const RandomStream words{draw.seed, draw.step, Purpose::align, draw.tensor};
        const int e = std::max(a.e, b.e);
        std::vector<Accumulator> v(size);
        for (std::size_t i = 0; i < size; ++i) {
            v[i].value = align({a.m[i]}, e - a.e, mode.sim, words.word(i)).value +
                         align({b.m[i]}, e - b.e, mode.sim, words.word(i)).value;
            if (relu && v[i].value < 0) v[i].value = 0;
        }
        std::vector<Mantissa> y(size);
        const Exponent y_e =
            down_convert(v, {e}, h, mode.sim, {draw.seed, draw.step, Purpose::down_convert, draw.tensor}, y);
        ASSERT_EQ((oracle::Dfp{integers(y), y_e.value}), oracle::add(a, b, relu, h, mode.oracle, draw));
        cases += static_cast<std::int64_t>(size);
    }
    std::cout << cases << " cases\n";
    EXPECT_GE(cases, kAdd);
}

/// Sums of up to 63 bits with a tie at, or beside, the last place of FP32, normal or subnormal.
std::int64_t random_sum(oracle::Source& source) {
    const std::uint64_t choice = source.below(4);
    auto sum = static_cast<std::int64_t>(source.next() >> (1 + source.below(63)));
    if (choice == 0) sum &= ~std::int64_t{0} << source.below(40);
    if (choice == 1) {
        const auto drop = static_cast<int>(1 + source.below(39));
        sum = ((1 << 23) + static_cast<std::int64_t>(source.below(1 << 23))) << drop;  // 24 bits
        sum += (std::int64_t{1} << (drop - 1)) + static_cast<std::int64_t>(source.below(3)) - 1;
    }
    return source.below(2) == 0 ? sum : -sum;
}

TEST(OracleRandom, ScaleExact) {
    oracle::Source source(7);
    std::int64_t cases = 0;
    std::int64_t errors = 0;
    for (; cases < kScaleExact; ++cases) {
        const std::int64_t sum = random_sum(source);
        const auto k = static_cast<int>(source.below(480)) - 252;
        const auto got = value_or_error<InputError>([&] { return bits(scale_exact(sum, k)); });
        const auto expected = value_or_error<oracle::Error>([&] { return bits(oracle::rn32({sum, k})); });
        ASSERT_EQ(got, expected) << sum << " * 2^" << k;
        errors += got ? 0 : 1;
    }
    EXPECT_GT(errors, 0);
    expect_cases(cases, kScaleExact);
}

TEST(OracleRandom, ScaleChain) {
    oracle::Source source(8);
    std::int64_t cases = 0;
    for (; cases < kScaleChain; ++cases) {
        const float acc = random_float(source, 127, 60);  // a sum of INT32 is 0, or 1 and more
        const auto k = static_cast<int>(source.below(480)) - 252;
        const auto got = value_or_error<InputError>([&] { return bits(scale_chain(acc, k)); });
        const auto expected = value_or_error<oracle::Error>([&] {
            return bits(oracle::rn32(oracle::exact(acc) * oracle::Dyadic{1, k}));
        });
        ASSERT_EQ(got, expected) << acc << " * 2^" << k;
    }
    expect_cases(cases, kScaleChain);
}

struct Lists {
    std::vector<Mantissa> a, b;
    oracle::Sum sum;
};

/// One list of pairs: of any INT16, or of large ones whose sums cross and come back.
Lists random_lists(oracle::Source& source) {
    Lists lists;
    lists.sum.emplace_back();
    const std::uint64_t kind = source.below(3);
    const std::uint64_t narrower = kind == 2 ? source.below(8) : 0;
    const std::size_t pairs = source.below(4) == 0 ? 1 + source.below(48) : 1 + source.below(8);
    for (std::size_t i = 0; i < pairs; ++i) {
        const auto operand = [&]() -> std::int16_t {
            if (kind == 0) return source.int16();
            const std::int16_t large = static_cast<std::int16_t>(32767 - source.below(4));
            return static_cast<std::int16_t>((source.below(3) == 0 ? -large - 1 : large) >> narrower);
        };
        const oracle::Pair p{operand(), operand(), operand(), operand()};
        lists.sum.back().push_back(p);
        lists.a.insert(lists.a.end(), {{p.a0}, {p.a1}});
        lists.b.insert(lists.b.end(), {{p.b0}, {p.b1}});
    }
    return lists;
}

TEST(OracleRandom, SumsOfProducts) {
    oracle::Source source(9);
    std::int64_t cases = 0;
    std::int64_t wrapped = 0, saturated = 0, overflowed = 0, certified_count = 0;
    for (; cases < kSums; ++cases) {
        const Lists lists = random_lists(source);
        const std::vector<Mantissa>& a = lists.a;
        const std::vector<Mantissa>& b = lists.b;
        const oracle::Sum& sum = lists.sum;
        const auto chain = static_cast<std::int64_t>(1 + source.below(source.below(2) == 0 ? 4 : 64));
        const auto k = static_cast<int>(source.below(300)) - 252;

        const std::int64_t S = exact_sum(a, b);
        ASSERT_EQ(S, oracle::total(sum));
        const std::int32_t wrap = wrap_sum({0}, a, b).value;
        ASSERT_EQ(wrap, oracle::wrap_policy(sum));
        const std::int32_t saturate = saturate_sum({0}, a, b).value;
        ASSERT_EQ(saturate, oracle::saturate_policy(sum));
        const auto chained =
            value_or_error<InputError>([&] { return bits(scale_chain(chain_sum(0.0f, a, b, chain), k)); });
        ASSERT_EQ(chained, value_or_error<oracle::Error>([&] { return bits(oracle::chain_policy(sum, chain, k)); }));

        for (const std::int64_t length : {chain, std::int64_t{0}}) {
            OutputOverflow overflow;
            follow(overflow, a, b, length == 0 ? static_cast<std::int64_t>(a.size()) : length, 0);
            ASSERT_EQ((oracle::Overflow{overflow.first_pair, overflow.margin()}), oracle::overflow(sum, length));
            overflowed += overflow.first_pair >= 0 ? 1 : 0;
        }
        std::int64_t largest_a = 0, l1_b = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            largest_a = std::max<std::int64_t>(largest_a, std::abs(int{a[i].value}));
            l1_b += std::abs(int{b[i].value});
        }
        ASSERT_EQ(certified(largest_a, l1_b), oracle::certified(sum[0]));
        certified_count += certified(largest_a, l1_b) ? 1 : 0;
        wrapped += wrap != S ? 1 : 0;
        saturated += saturate != S ? 1 : 0;
    }
    // The cases are worth something: each of these happens, and doesn't.
    for (const std::int64_t seen : {wrapped, saturated, overflowed, certified_count}) {
        EXPECT_GT(seen, kSums / 100);
        EXPECT_LT(seen, 2 * kSums - kSums / 100);
    }
    expect_cases(cases, kSums);
}

/// Lists one after the other, as the images of a weight-gradient: they end chains, and the count of pairs goes on.
TEST(OracleRandom, SumsOfSeveralParts) {
    oracle::Source source(10);
    for (int i = 0; i < 100'000; ++i) {
        oracle::Sum sum;
        float acc = 0.0f;
        Accumulator wrap{0}, saturate{0};
        OutputOverflow overflow;
        const auto chain = static_cast<std::int64_t>(1 + source.below(8));
        std::int64_t pairs = 0;
        const std::uint64_t parts = 1 + source.below(3);
        for (std::uint64_t part = 0; part < parts; ++part) {
            const Lists lists = random_lists(source);
            sum.push_back(lists.sum[0]);
            acc = chain_sum(acc, lists.a, lists.b, chain);
            wrap = wrap_sum(wrap, lists.a, lists.b);
            saturate = saturate_sum(saturate, lists.a, lists.b);
            follow(overflow, lists.a, lists.b, chain, pairs);
            pairs += static_cast<std::int64_t>(lists.a.size() / 2);
        }
        ASSERT_EQ(bits(acc), bits(oracle::chain_policy(sum, chain, 0)));
        ASSERT_EQ(wrap.value, oracle::wrap_policy(sum));
        ASSERT_EQ(saturate.value, oracle::saturate_policy(sum));
        ASSERT_EQ((oracle::Overflow{overflow.first_pair, overflow.margin()}), oracle::overflow(sum, chain));
    }
}

}  // namespace
}  // namespace dfp16
