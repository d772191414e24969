// Convolutions that leave mantissas, with bias, ReLU, mask and sums in passing, against the same convolution's FP32
// results (which fastpath_products_test.cpp holds against the contract), taken through the steps of contract section 6
// one by one: every ISA of this CPU, from the first run, whose exponent is unknown, to one whose exponent is certain.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "fastpath/products.h"
#include "fastpath/streaming.h"
#include "tests/product_ways.h"
#include "tests/random_picks.h"

namespace dfp16::fast {
namespace {

using Mantissas = std::vector<std::int16_t>;

struct Case {
    ConvParams conv;
    bool forward = true;
    bool bias = false, relu = false, mask = false;
    bool sums = false, factor = false;
    bool wanders = false;  // sums go beyond 2^30 and come back
    bool patchy = false;   // only at some pixels
    bool grows = false;    // far from what the step before had, beyond INT32 near the end
    bool sinks = false;    // some biases are far below zero
    int headroom = 2;
};

struct Tensors {
    std::int64_t N, C, pixels;  // of the result
    Mantissas in, weights, factor;
    std::vector<float> bias;
    Mantissas mask;
    std::vector<std::uint16_t> mask_bits;

    std::int64_t blocks() const { return (C + 15) / 16; }
    std::size_t elements() const { return static_cast<std::size_t>(N * blocks() * pixels * 16); }
    std::int64_t channel(std::size_t place) const {
        return static_cast<std::int64_t>(place) / (16 * pixels) % blocks() * 16 + static_cast<std::int64_t>(place % 16);
    }
};

Mantissas drawn(std::mt19937_64& random, std::int64_t count, std::int64_t channels, std::int64_t pixels) {
    Mantissas result(static_cast<std::size_t>(count));
    std::normal_distribution<double> normal(0.0, 1800.0);
    const std::int64_t blocks = (channels + 15) / 16;
    for (std::int64_t i = 0; i < count; ++i) {
        const bool beyond = pixels > 0 && i / (16 * pixels) % blocks * 16 + i % 16 >= channels;
        result[static_cast<std::size_t>(i)] =
            beyond ? std::int16_t{0} : static_cast<std::int16_t>(std::clamp(normal(random), -8191.0, 8191.0));
    }
    return result;
}

// All that a pixel has is 8191, of all pixels or of some, more or less.
void make_wander(const Case& one, std::int64_t channels, std::int64_t pixels, std::mt19937_64& random, Tensors& t) {
    const std::int64_t blocks = (channels + 15) / 16;
    const std::uint64_t percent = random() % 100;
    std::vector<bool> on(static_cast<std::size_t>(one.conv.N * pixels));
    for (std::size_t i = 0; i < on.size(); ++i) on[i] = !one.patchy || random() % 100 < percent / (1 + random() % 8);
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(t.in.size()); ++i) {
        const std::int64_t pixel = i / 16 % pixels;
        const std::int64_t image = i / 16 / pixels / blocks;
        const std::int64_t channel = i / 16 / pixels % blocks * 16 + i % 16;
        std::int16_t& m = t.in[static_cast<std::size_t>(i)];
        if (channel < channels && on[static_cast<std::size_t>(image * pixels + pixel)]) m = 8191;
    }
    for (std::size_t i = 0; i < t.weights.size();) {
        const auto value = static_cast<std::int16_t>(random() % 2 == 0 ? 8191 : -8191);
        for (std::uint64_t left = 1 + random() % 60; left > 0 && i < t.weights.size(); --left) t.weights[i++] = value;
    }
}

// All inputs are 8191. Weights of every second result are large for the second half of what is summed: up to there a
// sum is within 2^30, but 2^31 is near. Those of others cancel out, but end chains early.
void make_grow(const Case& one, std::int64_t channels, std::int64_t pixels, Tensors& t) {
    const ConvParams& v = one.conv;
    const std::int64_t blocks = (channels + 15) / 16;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(t.in.size()); ++i) {
        if (i / 16 / pixels % blocks * 16 + i % 16 < channels) t.in[static_cast<std::size_t>(i)] = 8191;
    }
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(t.weights.size()); ++i) {
        const std::int64_t c = i / (v.R * v.S) % v.C;
        const std::int64_t k = i / (v.R * v.S) / v.C;
        const std::int64_t summed = one.forward ? c : k;
        const std::int64_t of_result = one.forward ? k : c;
        const bool cancels = of_result % 2 == 0;
        const std::int64_t large = summed % 2 == 0 || !cancels ? 8000 : -8000;
        const std::int64_t weight =
            cancels || summed >= channels / 2 ? large : std::min<std::int64_t>(8000, 96000 / channels);
        t.weights[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(weight);
    }
}

Tensors tensors_of(const Case& one, std::mt19937_64& random) {
    const ConvParams& v = one.conv;
    Tensors t;
    t.N = v.N;
    t.C = one.forward ? v.K : v.C;
    t.pixels = one.forward ? v.P * v.Q : v.H * v.W;
    const std::int64_t in_channels = one.forward ? v.C : v.K;
    const std::int64_t in_pixels = one.forward ? v.H * v.W : v.P * v.Q;
    t.in = drawn(random, v.N * ((in_channels + 15) / 16) * 16 * in_pixels, in_channels, in_pixels);
    t.weights = drawn(random, v.K * v.C * v.R * v.S, 0, 0);
    if (one.wanders) make_wander(one, in_channels, in_pixels, random, t);
    if (one.grows) make_grow(one, in_channels, in_pixels, t);
    t.factor = drawn(random, static_cast<std::int64_t>(t.elements()), t.C, t.pixels);
    t.bias.assign(static_cast<std::size_t>(16 * t.blocks()), 0.0f);
    for (std::int64_t c = 0; c < t.C; ++c) {
        const float far = one.sinks && random() % 5 == 0 ? -30000.0f : 0.0f;
        t.bias[static_cast<std::size_t>(c)] = far + static_cast<float>(random() % 97) - 48.0f;
    }
    t.mask = drawn(random, static_cast<std::int64_t>(t.elements()), t.C, t.pixels);
    t.mask_bits.assign(t.elements() / 16, 0);
    for (std::size_t i = 0; i < t.elements(); ++i) {
        if (t.mask[i] > 0) t.mask_bits[i / 16] = static_cast<std::uint16_t>(t.mask_bits[i / 16] | 1u << i % 16);
    }
    return t;
}

void run(const Products& products, const Case& one, const Tensors& t, const Result& result) {
    const Operand in{t.in.data(), -9, 8191};
    const Operand weights{t.weights.data(), -9, 8191};
    one.forward ? conv_forward(products, one.conv, in, weights, result)
                : conv_backward_data(products, one.conv, in, weights, result);
}

struct Expected {
    Mantissas mantissas;
    int exponent = 0;
    bool between_powers = false;  // the largest result, of two: its exponent can be foreseen with certainty
    std::vector<BlockSums> sums;
};

// Contract section 6, to nearest even; what is masked counts for the exponent.
Expected expected_of(const Case& one, const Tensors& t, std::vector<float> results, int headroom) {
    float largest = 0.0f;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (one.bias) results[i] = results[i] + t.bias[static_cast<std::size_t>(t.channel(i))];
        if (one.relu && !(results[i] > 0.0f)) results[i] = 0.0f;
        largest = std::max(largest, std::fabs(results[i]));
    }
    Expected expected;
    expected.exponent = largest == 0.0f ? -126 : std::max(std::ilogb(largest) - (14 - headroom), -126);
    expected.between_powers = largest > 0.0f && std::log2(largest) != std::floor(std::log2(largest));
    expected.sums.resize(static_cast<std::size_t>(t.blocks()));
    const double bound = (1 << (15 - headroom)) - 1;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const double exact = std::ldexp(static_cast<double>(results[i]), -expected.exponent);
        const auto m = static_cast<std::int16_t>(std::clamp(std::nearbyint(exact), -bound, bound));
        expected.mantissas.push_back(one.mask && t.mask[i] <= 0 ? std::int16_t{0} : m);
        BlockSums& sums = expected.sums[static_cast<std::size_t>(t.channel(i) / 16)];
        const std::int64_t of = expected.mantissas.back();
        sums.sum[i % 16] += of;
        sums.product[i % 16] += of * (one.factor ? t.factor[i] : of);
        sums.low[i % 16] = std::min(sums.low[i % 16], expected.mantissas.back());
        sums.high[i % 16] = std::max(sums.high[i % 16], expected.mantissas.back());
    }
    return expected;
}

int sums_compared = 0;

void compare_sums(const Case& one, const std::vector<BlockSums>& got, const std::vector<BlockSums>& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t block = 0; block < got.size(); ++block) {
        for (int c = 0; c < 16; ++c) {
            ASSERT_EQ(got[block].sum[c], expected[block].sum[c]) << "block " << block << " channel " << c;
            ASSERT_EQ(got[block].product[c], expected[block].product[c]) << "block " << block << " channel " << c;
            if (one.factor) continue;
            ASSERT_EQ(got[block].low[c], expected[block].low[c]) << "block " << block << " channel " << c;
            ASSERT_EQ(got[block].high[c], expected[block].high[c]) << "block " << block << " channel " << c;
        }
    }
    ++sums_compared;
}

void check_runs(const Products& products, const Case& one, const Tensors& t, const Expected& expected) {
    ExponentForecast forecast;
    if (one.grows) forecast.see(std::bit_cast<std::uint32_t>(1.0f), one.headroom);
    for (int round = 0; round < 4; ++round) {
        SCOPED_TRACE("run " + std::to_string(round));
        Mantissas got(t.elements(), 12345);
        ChannelStatistics statistics;
        QuantizedResult quantized;
        quantized.mantissas = got.data();
        if (one.bias) quantized.bias = t.bias.data();
        quantized.relu = one.relu;
        if (one.mask) quantized.mask = t.mask.data();
        if (one.mask && round != 2) quantized.mask_bits = t.mask_bits.data();
        if (one.sums) quantized.statistics = &statistics;
        if (one.factor) quantized.factor = t.factor.data();
        quantized.forecast = &forecast;
        quantized.headroom = one.headroom;
        Result result;
        result.quantized = &quantized;
        run(products, one, t, result);
        ASSERT_EQ(quantized.exponent, expected.exponent);
        ASSERT_EQ(got, expected.mantissas);
        if (!statistics.empty()) compare_sums(one, statistics, expected.sums);
    }
    if (!one.grows) {
        EXPECT_EQ(forecast.certain(), expected.between_powers);
    }
}

void check(Case one, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    one.conv.P = (one.conv.H + 2 * one.conv.pad[0] - one.conv.R) / one.conv.stride[0] + 1;
    one.conv.Q = (one.conv.W + 2 * one.conv.pad[1] - one.conv.S) / one.conv.stride[1] + 1;
    const Tensors t = tensors_of(one, random);
    ThreadPool pool(2);
    std::vector<float> results(t.elements());
    Result plain;
    plain.fp32 = results.data();
    run({Isa::portable, &pool}, one, t, plain);
    const Expected expected = expected_of(one, t, results, one.headroom);
    const StreamFrom stream(seed % 2 == 0 ? 0 : streamed_bytes());
    for (const Products& way : product_ways(pool)) {
        SCOPED_TRACE(name_of(way));
        check_runs(way, one, t, expected);
    }
}

// N, C, H, W, K, R, S, P, Q, stride, pad
const std::vector<ConvParams> kShapes = {
    {2, 20, 5, 13, 40, 1, 1, 0, 0, {1, 1}, {0, 0}, 1, {}},   // odd rows, a narrow last block
    {1, 64, 7, 7, 64, 3, 3, 0, 0, {1, 1}, {1, 1}, 1, {}},    // several chains
    {1, 3, 20, 33, 17, 5, 5, 0, 0, {2, 2}, {2, 2}, 1, {}},   // a first layer
    {2, 32, 6, 6, 32, 1, 1, 0, 0, {2, 2}, {0, 0}, 1, {}},    // backward-data leaves pixels out
    {3, 600, 4, 4, 32, 1, 1, 0, 0, {1, 1}, {0, 0}, 1, {}},   // many channels
    {1, 16, 3, 300, 48, 1, 3, 0, 0, {1, 1}, {0, 1}, 1, {}},  // many tiles a row
    {8, 32, 7, 7, 48, 3, 3, 0, 0, {1, 1}, {1, 1}, 1, {}},    // tiles over several rows
};

TEST(FastQuantized, EveryEnding) {
    std::uint64_t seed = 1;
    for (ConvParams conv : kShapes) {
        conv.accumulation.policy = Policy::exact;
        for (const bool forward : {true, false}) {
            for (int options = 0; options < 16; ++options) {
                Case one{conv, forward, (options & 1) != 0, (options & 2) != 0, (options & 4) != 0};
                one.sums = (options & 8) != 0;
                one.factor = one.sums && one.mask;
                SCOPED_TRACE("C " + std::to_string(conv.C) + " K " + std::to_string(conv.K) +
                             (forward ? " forward" : " backward-data") + " options " + std::to_string(options));
                check(one, seed++);
                if (HasFatalFailure()) return;
            }
        }
    }
    const std::vector<Isa> isas = supported_isas();
    const bool gathers = std::find(isas.begin(), isas.end(), Isa::avx512bw) != isas.end();
    EXPECT_EQ(sums_compared > 0, gathers);
}

// Tiles that may not end in mantissas, as a chain could not go on, beside those that may.
TEST(FastQuantized, SumsThatWander) {
    Case one{{1, 512, 1, 30, 64, 1, 1, 0, 0, {1, 1}, {0, 0}, 1, {}}, true, true};
    one.conv.accumulation.policy = Policy::exact;
    one.wanders = true;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) check(one, seed);
}

// Shapes, options, headroom of any kind, under ReLU negative results beyond what INT16 holds; of the tiles of a call
// some may not end in mantissas.
TEST(FastQuantized, AnyConvolution) {
    for (unsigned seed = 1; seed <= 150; ++seed) {
        test::RandomPicks picks(seed);
        ConvParams c;
        c.N = picks.pick(1, 3);
        c.C = picks.one_of<std::int64_t>({1, 3, 5, 13, 16, 17, 40, 64, 200, 512});
        c.K = picks.one_of<std::int64_t>({1, 8, 16, 33, 48, 64, 200});
        c.R = picks.one_of<std::int64_t>({1, 1, 2, 3, 5});
        c.S = picks.pick(0, 2) > 0 ? c.R : picks.pick(1, 3);
        if (picks.pick(0, 3) == 0) c.stride = {picks.pick(1, 2), picks.pick(1, 2)};
        c.pad = {picks.pick(0, c.R), picks.pick(0, c.S - 1)};  // some rows may meet no tap
        c.H = c.R + picks.pick(0, 9);
        c.W = c.S + picks.pick(0, picks.one_of<std::int64_t>({6, 40, 40}));
        c.accumulation.policy = Policy::exact;
        Case one{c, picks.pick(0, 1) == 1, picks.pick(0, 1) == 1, picks.pick(0, 1) == 1, picks.pick(0, 1) == 1};
        one.sums = picks.pick(0, 1) == 1;
        one.factor = one.sums && one.mask;
        one.wanders = picks.pick(0, 1) == 1;
        one.grows = !one.wanders && picks.pick(0, 2) == 0;
        one.patchy = picks.pick(0, 4) > 0;
        one.sinks = picks.pick(0, 2) == 0;
        one.headroom = picks.one_of({0, 1, 2, 2, 2, 5, 9, 14});
        check(one, seed);
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

// Results that no cache holds bypass the caches.
TEST(FastQuantized, LargeResults) {
    const StreamFrom stream(0);
    Case one{{1, 16, 161, 160, 32, 1, 1, 0, 0, {1, 1}, {0, 0}, 1, {}}, true, true, true};
    one.conv.accumulation.policy = Policy::exact;
    for (const bool sums : {false, true}) {
        one.sums = sums;
        check(one, 99);
    }
}

}  // namespace
}  // namespace dfp16::fast
