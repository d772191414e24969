// Every sum of products of the fast path against one written here straight from the contract (sections 5 and 7), output
// by output: every ISA of this CPU, at 1, 2 and 3 threads, all policies. Bits are compared.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/products.h"
#include "fastpath/streaming.h"
#include "sim/types/error.h"
#include "tests/product_ways.h"

namespace dfp16::fast {
namespace {

using Bits = std::vector<std::uint32_t>;
using Mantissas = std::vector<std::int16_t>;

// One output's list of operands, two neighbours being a pair.
struct Terms {
    std::vector<std::int32_t> a, b;
    std::vector<std::size_t> list_ends;  // where chains end early

    void add(std::int32_t x, std::int32_t y) {
        a.push_back(x);
        b.push_back(y);
    }
    void pad_pair() {
        if (a.size() % 2 == 1) add(0, 0);
    }
};

std::int64_t product(const Terms& terms, std::size_t i) {
    return static_cast<std::int64_t>(terms.a[i]) * terms.b[i];
}

std::int32_t low32(std::int64_t sum) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
}

// RN32(sum * 2^k) by way of long double, whose 64 bits hold every sum here.
float scaled(long double sum, int k) {
    return static_cast<float>(std::ldexp(sum, k));
}

std::uint32_t exact(const Terms& terms, int k) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < terms.a.size(); ++i) sum += product(terms, i);
    return std::bit_cast<std::uint32_t>(scaled(static_cast<long double>(sum), k));
}

std::uint32_t chain(const Terms& terms, int k, std::int64_t length) {
    float acc = 0.0f;
    std::size_t begin = 0;
    std::vector<std::size_t> ends = terms.list_ends;
    if (ends.empty()) ends.push_back(terms.a.size());
    for (const std::size_t end : ends) {
        while (begin < end) {
            const auto step = static_cast<std::size_t>(2 * std::min<std::int64_t>(length, 1 << 30));
            const std::size_t stop = std::min(end, begin + step);
            std::int64_t sum = 0;
            for (; begin < stop; ++begin) sum += product(terms, begin);
            acc = acc + static_cast<float>(low32(sum));
        }
    }
    return std::bit_cast<std::uint32_t>(scaled(static_cast<long double>(acc), k));
}

std::uint32_t saturate(const Terms& terms) {
    std::int64_t acc = 0;
    for (std::size_t i = 0; i < terms.a.size(); i += 2) {
        acc += product(terms, i) + product(terms, i + 1);
        acc = std::clamp<std::int64_t>(acc, INT32_MIN, INT32_MAX);
    }
    return static_cast<std::uint32_t>(acc);
}

std::uint32_t wrap(const Terms& terms) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < terms.a.size(); ++i) sum += product(terms, i);
    return static_cast<std::uint32_t>(low32(sum));
}

std::uint32_t result_of(const Terms& terms, const Accumulation& accumulation, int k) {
    switch (accumulation.policy) {
        case Policy::exact: return exact(terms, k);
        case Policy::chain: return chain(terms, k, accumulation.chain);
        case Policy::wrap: return wrap(terms);
        case Policy::saturate: return saturate(terms);
        case Policy::fma: break;  // fastpath_fma_test.cpp
    }
    return 0;
}

std::int64_t blocks(std::int64_t channels) {
    return (channels + 15) / 16;
}

// Place of (n, c, pixel) in a blocked tensor.
std::size_t place(std::int64_t C, std::int64_t pixels, std::int64_t n, std::int64_t c, std::int64_t pixel) {
    return static_cast<std::size_t>(((n * blocks(C) + c / 16) * pixels + pixel) * 16 + c % 16);
}

struct Activation4 {
    std::int64_t N, C, H, W;
    Mantissas blocked;

    std::int32_t at(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
        if (h < 0 || h >= H || w < 0 || w >= W) return 0;
        return blocked[place(C, H * W, n, c, h * W + w)];
    }
};

struct ConvCase {
    ConvParams conv;
    Activation4 x, dy;
    Mantissas w;
    int exponent_a = -9, exponent_b = -7;

    std::int32_t weight(std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) const {
        return w[static_cast<std::size_t>(((k * (conv.C / conv.groups) + c) * conv.R + r) * conv.S + s)];
    }
    int exponent() const { return exponent_a + exponent_b; }
    std::int64_t Cg() const { return conv.C / conv.groups; }
    std::int64_t Kg() const { return conv.K / conv.groups; }
};

Bits expected_forward(const ConvCase& t) {
    const ConvParams& v = t.conv;
    Bits y(static_cast<std::size_t>(v.N * blocks(v.K) * 16 * v.P * v.Q), 0);
    for (std::int64_t n = 0; n < v.N; ++n)
        for (std::int64_t k = 0; k < v.K; ++k)
            for (std::int64_t p = 0; p < v.P; ++p)
                for (std::int64_t q = 0; q < v.Q; ++q) {
                    Terms terms;
                    const std::int64_t c0 = k / t.Kg() * t.Cg();
                    for (std::int64_t block = 0; block < t.Cg(); block += 16)
                        for (std::int64_t r = 0; r < v.R; ++r)
                            for (std::int64_t s = 0; s < v.S; ++s) {
                                for (std::int64_t c = block; c < std::min(block + 16, t.Cg()); ++c)
                                    terms.add(t.x.at(n, c0 + c, p * v.stride[0] - v.pad[0] + r,
                                                     q * v.stride[1] - v.pad[1] + s),
                                              t.weight(k, c, r, s));
                                terms.pad_pair();
                            }
                    y[place(v.K, v.P * v.Q, n, k, p * v.Q + q)] = result_of(terms, v.accumulation, t.exponent());
                }
    return y;
}

// dy at the output that takes (i, j) through tap (r, s); zero where there is none.
std::int32_t dy_through(const ConvCase& t, std::int64_t n, std::int64_t k, std::int64_t i, std::int64_t j,
                        std::int64_t r, std::int64_t s) {
    const std::int64_t p = i + t.conv.pad[0] - r;
    const std::int64_t q = j + t.conv.pad[1] - s;
    if (p < 0 || q < 0 || p % t.conv.stride[0] != 0 || q % t.conv.stride[1] != 0) return 0;
    return t.dy.at(n, k, p / t.conv.stride[0], q / t.conv.stride[1]);
}

Bits expected_backward_data(const ConvCase& t) {
    const ConvParams& v = t.conv;
    Bits dx(static_cast<std::size_t>(v.N * blocks(v.C) * 16 * v.H * v.W), 0);
    for (std::int64_t n = 0; n < v.N; ++n)
        for (std::int64_t c = 0; c < v.C; ++c)
            for (std::int64_t i = 0; i < v.H; ++i)
                for (std::int64_t j = 0; j < v.W; ++j) {
                    Terms terms;
                    const std::int64_t k0 = c / t.Cg() * t.Kg();
                    for (std::int64_t block = 0; block < t.Kg(); block += 16)
                        for (std::int64_t r = 0; r < v.R; ++r)
                            for (std::int64_t s = 0; s < v.S; ++s) {
                                for (std::int64_t k = block; k < std::min(block + 16, t.Kg()); ++k)
                                    terms.add(dy_through(t, n, k0 + k, i, j, r, s), t.weight(k0 + k, c % t.Cg(), r, s));
                                terms.pad_pair();
                            }
                    dx[place(v.C, v.H * v.W, n, c, i * v.W + j)] = result_of(terms, v.accumulation, t.exponent());
                }
    return dx;
}

Bits expected_weight_gradient(const ConvCase& t) {
    const ConvParams& v = t.conv;
    Bits dw;
    for (std::int64_t k = 0; k < v.K; ++k)
        for (std::int64_t c = 0; c < t.Cg(); ++c)
            for (std::int64_t r = 0; r < v.R; ++r)
                for (std::int64_t s = 0; s < v.S; ++s) {
                    Terms terms;
                    for (std::int64_t n = 0; n < v.N; ++n) {
                        for (std::int64_t p = 0; p < v.P; ++p) {
                            for (std::int64_t q = 0; q < v.Q; ++q)
                                terms.add(t.dy.at(n, k, p, q),
                                          t.x.at(n, k / t.Kg() * t.Cg() + c, p * v.stride[0] - v.pad[0] + r,
                                                 q * v.stride[1] - v.pad[1] + s));
                            terms.pad_pair();
                        }
                        terms.list_ends.push_back(terms.a.size());
                    }
                    dw.push_back(result_of(terms, v.accumulation, t.exponent()));
                }
    return dw;
}

// What runs a product: fp32 or int32 results, read back as bits.
using Run = std::function<void(const Products&, Result)>;

// Fills results with a pattern first, so that an element that is not written shows.
Bits run_product(const Products& products, Policy policy, std::size_t elements, const Run& run) {
    Bits bits(elements, 0x7FC0DEADu);
    Result result;
    if (policy == Policy::exact || policy == Policy::chain) {
        result.fp32 = reinterpret_cast<float*>(bits.data());
    } else {
        result.int32 = reinterpret_cast<std::int32_t*>(bits.data());
    }
    run(products, result);
    return bits;
}

// One pool for each number of threads, for all tests.
ThreadPool& pool_of(int threads) {
    static const std::unique_ptr<ThreadPool> pools[] = {
        std::make_unique<ThreadPool>(1), std::make_unique<ThreadPool>(2), std::make_unique<ThreadPool>(3)};
    return *pools[threads - 1];
}

std::int64_t compared = 0;

void check(const std::string& what, Policy policy, const Bits& expected, const Run& run) {
    for (const int threads : {1, 2, 3}) {
        const StreamFrom stream(threads == 2 ? 0 : streamed_bytes());
        for (const Products& way : product_ways(pool_of(threads))) {
            const Bits got = run_product(way, policy, expected.size(), run);
            compared += static_cast<std::int64_t>(expected.size());
            if (got == expected) continue;
            const auto first = std::mismatch(got.begin(), got.end(), expected.begin()).first - got.begin();
            const auto i = static_cast<std::size_t>(first);
            ADD_FAILURE() << what << " on " << name_of(way) << ", " << threads << " threads, element " << i << " of "
                          << expected.size() << ": expected " << std::hex << expected[i] << ", got " << got[i];
            return;
        }
    }
}

enum class Data { small, full, with_lowest, extremes };

Mantissas mantissas(std::mt19937_64& random, std::int64_t count, Data data) {
    Mantissas result(static_cast<std::size_t>(count));
    for (std::int16_t& m : result) {
        const auto word = static_cast<std::int32_t>(random() % 65536) - 32768;
        switch (data) {
            case Data::small: m = static_cast<std::int16_t>(word / 4); break;
            case Data::full: m = static_cast<std::int16_t>(std::max(word, -32767)); break;
            case Data::with_lowest: m = static_cast<std::int16_t>(word % 3 == 0 ? -32768 : word); break;
            case Data::extremes: m = static_cast<std::int16_t>(word % 5 == 0 ? -32767 : 32767); break;
        }
    }
    return result;
}

Activation4 activation(std::mt19937_64& random, std::int64_t N, std::int64_t C, std::int64_t H, std::int64_t W,
                       Data data) {
    Activation4 result{N, C, H, W, mantissas(random, N * blocks(C) * 16 * H * W, data)};
    for (std::int64_t n = 0; n < N; ++n)
        for (std::int64_t c = C; c < blocks(C) * 16; ++c)
            for (std::int64_t pixel = 0; pixel < H * W; ++pixel) result.blocked[place(C, H * W, n, c, pixel)] = 0;
    return result;
}

struct Geometry {
    std::int64_t N, C, H, W, K, R, S, sh, sw, ph, pw, groups;
};

std::string text(const ConvParams& v) {
    std::string result;
    for (const std::int64_t value : {v.N, v.C, v.H, v.W, v.K, v.R, v.S, v.stride[0], v.stride[1], v.pad[0], v.pad[1],
                                     v.groups, v.accumulation.chain}) {
        result += std::to_string(value) + " ";
    }
    return "N C H W K R S sh sw ph pw G L = " + result + "policy " +
           std::to_string(static_cast<int>(v.accumulation.policy));
}

void check_conv(const Geometry& g, const Accumulation& accumulation, Data data, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    ConvCase t;
    t.conv = {g.N,
              g.C,
              g.H,
              g.W,
              g.K,
              g.R,
              g.S,
              output_size(g.H, g.R, g.sh, g.ph),
              output_size(g.W, g.S, g.sw, g.pw),
              {g.sh, g.sw},
              {g.ph, g.pw},
              g.groups,
              accumulation};
    t.x = activation(random, g.N, g.C, g.H, g.W, data);
    t.dy = activation(random, g.N, g.K, t.conv.P, t.conv.Q, data);
    t.w = mantissas(random, g.K * (g.C / g.groups) * g.R * g.S, data);
    const Operand x{t.x.blocked.data(), t.exponent_a};
    const Operand dy{t.dy.blocked.data(), t.exponent_a};
    const Operand w{t.w.data(), t.exponent_b};
    const Operand dy_b{t.dy.blocked.data(), t.exponent_b};
    check("forward " + text(t.conv), accumulation.policy, expected_forward(t),
          [&](const Products& products, Result y) { conv_forward(products, t.conv, x, w, y); });
    check("backward-data " + text(t.conv), accumulation.policy, expected_backward_data(t),
          [&](const Products& products, Result dx) { conv_backward_data(products, t.conv, dy, w, dx); });
    check("weight-gradient " + text(t.conv), accumulation.policy, expected_weight_gradient(t),
          [&](const Products& products, Result dw) { conv_weight_gradient(products, t.conv, x, dy_b, dw); });
}

constexpr std::int64_t kHuge = std::int64_t{1} << 62;

// All policies on one geometry.
void check_policies(const Geometry& g, std::uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (const Data data : {Data::small, Data::full, Data::extremes}) {
        check_conv(g, {Policy::exact, 64}, data, seed);
    }
    for (const std::int64_t length : {std::int64_t{1}, std::int64_t{3}, std::int64_t{8}, std::int64_t{64}, kHuge}) {
        check_conv(g, {Policy::chain, length}, length == 3 ? Data::with_lowest : Data::full, seed);
    }
    for (const Data data : {Data::full, Data::with_lowest, Data::extremes}) {
        check_conv(g, {Policy::wrap, 64}, data, seed);
        check_conv(g, {Policy::saturate, 64}, data, seed);
    }
}

//                     N   C   H   W   K  R  S sh sw ph pw G
const Geometry kCorners[] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1},       // one product
    {2, 16, 4, 15, 32, 1, 1, 1, 1, 0, 0, 1},    // pixel by pixel
    {1, 3, 5, 5, 5, 1, 1, 2, 2, 0, 0, 1},       // pixels of dx that no tap reaches
    {1, 17, 6, 7, 33, 3, 3, 1, 1, 1, 1, 1},     // odd channel counts, odd Q
    {2, 24, 5, 9, 20, 1, 3, 1, 1, 0, 0, 1},     // taps of one row, without padding
    {2, 24, 9, 5, 20, 3, 1, 1, 1, 0, 0, 1},     // and of one column
    {2, 33, 5, 9, 17, 3, 2, 2, 1, 1, 0, 1},     // unequal strides and padding
    {1, 4, 3, 3, 6, 5, 5, 1, 1, 2, 2, 1},       // window larger than the input
    {1, 5, 2, 2, 3, 2, 2, 1, 1, 3, 4, 1},       // padding beyond the window
    {2, 6, 7, 7, 9, 3, 3, 2, 2, 1, 1, 3},       // groups that straddle blocks
    {1, 32, 5, 6, 64, 3, 3, 1, 1, 1, 1, 2},     // groups that are blocks
    {1, 5, 6, 6, 5, 3, 3, 1, 1, 1, 1, 5},       // depthwise
    {1, 1, 12, 12, 20, 5, 5, 1, 1, 2, 2, 1},    // one channel
    {1, 3, 17, 19, 16, 7, 7, 2, 2, 3, 3, 1},    // a first layer
    {1, 2, 9, 11, 4, 3, 4, 3, 2, 0, 1, 1},      // strides beyond one
    {1, 2, 8, 8, 2, 2, 2, 3, 4, 0, 0, 1},       // strides beyond the window
    {1, 20, 3, 61, 48, 1, 3, 1, 1, 0, 1, 1},    // several tiles in a row, a narrow last block
    {3, 2, 1, 5, 3, 1, 5, 1, 1, 0, 4, 1},       // one row
    {1, 1, 1, 1, 2, 1, 1, 2, 2, 1, 1, 1},       // every output on padding
    {2, 40, 6, 7, 17, 1, 1, 1, 1, 0, 0, 1},     // pixel by pixel, to fewer channels
    {2, 36, 4, 5, 12, 1, 1, 1, 1, 0, 0, 2},     // in groups too
    {8, 5, 7, 7, 20, 3, 3, 1, 1, 1, 1, 1},      // rows of less than half a tile
    {1, 2, 9, 64, 16, 3, 1, 1, 1, 1, 0, 1},     // few channels, rows of exactly a step of pixels
    {2, 4, 7, 90, 20, 5, 9, 1, 3, 2, 5, 1},     // and more, whose phases are of different lengths
    {2, 3, 23, 29, 20, 11, 11, 4, 4, 2, 2, 1},  // a stride of 16 pixels
    {1, 3, 9, 40, 17, 4, 6, 4, 2, 3, 0, 1},     // unequal ones
    {2, 4, 6, 11, 6, 3, 3, 1, 4, 1, 2, 2},      // in groups
    {3, 40, 14, 13, 50, 1, 1, 2, 2, 0, 0, 1},   // one pixel of four, in rows of an odd length
    {2, 24, 9, 14, 10, 1, 1, 3, 2, 0, 0, 2},    // in groups that straddle blocks
    {2, 5, 8, 15, 40, 1, 1, 1, 3, 0, 0, 1},     // one of three of each row
    {2, 20, 7, 7, 36, 5, 5, 1, 1, 2, 2, 1},     // columns of zeros at both sides
    {1, 18, 6, 14, 20, 3, 9, 1, 1, 1, 4, 1},    // more of them than tiles leave out
    {2, 17, 5, 4, 33, 3, 7, 1, 1, 1, 5, 1},     // both ends of a row beyond the input
    {2, 17, 5, 2, 33, 3, 7, 1, 1, 1, 3, 1},     // taps that meet nothing but zeros
    {1, 34, 9, 13, 18, 3, 5, 2, 2, 2, 3, 1},    // every second column
};

TEST(FastProducts, ConvolutionCorners) {
    std::uint64_t seed = 1;
    for (const Geometry& g : kCorners) check_policies(g, seed++);
    EXPECT_GT(compared, 0);
}

TEST(FastProducts, ConvolutionRandom) {
    std::mt19937_64 random(2026);
    const auto draw = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    int cases = 0;
    while (cases < 60) {
        Geometry g{};
        g.groups = draw(0, 2) == 0 ? draw(2, 3) : 1;
        g.N = draw(1, 3);
        g.C = draw(1, draw(0, 1) == 0 ? 4 : 36) * g.groups;
        g.K = draw(1, draw(0, 1) == 0 ? 4 : 36) * g.groups;
        g.H = draw(1, 8);
        g.W = draw(1, 12);
        g.R = draw(1, 4);
        g.S = draw(1, 4);
        g.sh = draw(1, 3);
        g.sw = draw(1, 3);
        g.ph = draw(0, 3);
        g.pw = draw(0, 3);
        if (g.H + 2 * g.ph < g.R || g.W + 2 * g.pw < g.S) continue;
        const std::int64_t work = g.N * g.C / g.groups * g.K * g.R * g.S * g.H * g.W;
        if (work > 200000) continue;
        SCOPED_TRACE("case " + std::to_string(cases));
        check_policies(g, 1000 + static_cast<std::uint64_t>(cases));
        ++cases;
    }
}

// Images so large that forward takes them in bands of rows and weight-gradient in batches, or so many channels that both
// take sums piece by piece.
TEST(FastProducts, LargeImages) {
    const Geometry g{3, 16, 112, 112, 16, 1, 2, 1, 1, 0, 1, 1};
    for (const Policy policy : {Policy::exact, Policy::chain}) check_conv(g, {policy, 64}, Data::full, 5);
    check_conv({3, 20, 40, 60, 5, 1, 1, 1, 1, 0, 0, 1}, {Policy::exact, 64}, Data::small, 6);
    check_conv({1, 200, 13, 14, 36, 3, 3, 1, 1, 1, 1, 1}, {Policy::exact, 64}, Data::full, 8);
    check_conv({1, 36, 13, 14, 200, 3, 3, 1, 1, 1, 1, 1}, {Policy::exact, 64}, Data::extremes, 9);
    check_conv({2, 3, 113, 131, 40, 3, 5, 2, 1, 1, 2, 1}, {Policy::exact, 64}, Data::full, 7);
}

// More products than INT32 sums of bytes hold, in one row and in many: of pixels, and of channels.
TEST(FastProducts, MoreProductsThanSumsOfBytesHold) {
    check_conv({1, 16, 60013, 1, 16, 1, 1, 1, 1, 0, 0, 1}, {Policy::exact, 64}, Data::extremes, 7);
    check_conv({1, 16, 1, 60000, 16, 1, 3, 1, 1, 0, 1, 1}, {Policy::exact, 64}, Data::extremes, 8);
    check_conv({1, 60000, 1, 1, 16, 1, 1, 1, 1, 0, 0, 1}, {Policy::exact, 64}, Data::extremes, 9);
    check_conv({1, 32768, 1, 2, 16, 1, 1, 1, 1, 0, 0, 1}, {Policy::exact, 64}, Data::extremes, 10);
}

// A weight gradient with so many sums and pixels that threads sum large chunks apart, against one thread, which takes
// smaller chunks one after the other.
TEST(FastProducts, ManySumsOfManyPixels) {
    std::mt19937_64 random(17);
    ConvParams conv{1, 272, 120, 104, 1024, 1, 1, 120, 104, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
    const Mantissas x = mantissas(random, 17 * 120 * 104 * 16, Data::small);
    const Mantissas dy = mantissas(random, 64 * 120 * 104 * 16, Data::small);
    for (const Isa isa : supported_isas()) {
        if (isa == Isa::portable) continue;  // no test of its own is worth the time
        std::vector<Bits> results;
        for (const int threads : {1, 2}) {
            results.push_back(run_product({isa, &pool_of(threads)}, Policy::exact, 272 * 1024,
                                          [&](const Products& products, Result dw) {
                                              conv_weight_gradient(products, conv, {x.data(), 0}, {dy.data(), 0}, dw);
                                          }));
        }
        EXPECT_EQ(results[0], results[1]) << name_of(isa);
    }
}

// As training has them: bounds are known, x may be rectified, most magnitudes are far below the largest. Some channels
// have runs of one sign, so that sums come near 2^30 and 2^31 or go beyond.
Activation4 activation_of_training(std::mt19937_64& random, const Activation4& shape, bool rectified) {
    Activation4 result = shape;
    std::normal_distribution<double> normal(0.0, 1800.0);
    const bool has_runs = random() % 2 == 0;
    std::vector<bool> runs(static_cast<std::size_t>(shape.C));
    for (std::size_t c = 0; c < runs.size(); ++c) runs[c] = has_runs && random() % 2 == 0;
    result.blocked.assign(static_cast<std::size_t>(shape.N * blocks(shape.C) * 16 * shape.H * shape.W), 0);
    for (std::int64_t n = 0; n < shape.N; ++n)
        for (std::int64_t c = 0; c < shape.C; ++c)
            for (std::int64_t pixel = 0; pixel < shape.H * shape.W; ++pixel) {
                const double of_run = pixel / 40 % 3 == 0 ? -7000.0 : 7500.0;
                const double m =
                    std::clamp(runs[static_cast<std::size_t>(c)] ? of_run : normal(random), -8191.0, 8191.0);
                result.blocked[place(shape.C, shape.H * shape.W, n, c, pixel)] =
                    static_cast<std::int16_t>(rectified ? std::max(m, 0.0) : m);
            }
    return result;
}

TEST(FastProducts, PointwiseWeightGradients) {
    std::mt19937_64 random(77);
    const std::int64_t channels[] = {1, 3, 16, 17, 24, 33, 64, 100, 130, 260};
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    for (int i = 0; i < 150; ++i) {
        ConvCase t;
        const std::int64_t N = pick(1, 5);
        const std::int64_t H = pick(1, 15);
        const std::int64_t W = pick(1, 15);
        const std::int64_t C = channels[pick(0, 9)];
        const std::int64_t K = channels[pick(0, 9)];
        t.conv = {N, C, H, W, K, 1, 1, H, W, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
        const bool rectified = pick(0, 1) == 1;
        t.x = activation_of_training(random, {N, C, H, W, {}}, rectified);
        t.dy = activation_of_training(random, {N, K, H, W, {}}, false);
        SCOPED_TRACE("case " + std::to_string(i));
        check("pointwise weight-gradient " + text(t.conv), Policy::exact, expected_weight_gradient(t),
              [&](const Products& products, Result dw) {
                  conv_weight_gradient(products, t.conv, {t.x.blocked.data(), t.exponent_a, 8191, rectified},
                                       {t.dy.blocked.data(), t.exponent_b, 8191}, dw);
              });
    }
}

// Gradients of every second channel cancel out, but end chains after 64 and 96 pixels. Those of the others sum up to
// nearly 2^30 in 64 pixels, and to 2^31 in the next ones.
TEST(FastProducts, PointwiseCertificateEdge) {
    ConvCase t;
    t.conv = {1, 32, 8, 16, 16, 1, 1, 8, 16, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
    t.x = {1, 32, 8, 16, Mantissas(32 * 8 * 16, 8191)};
    t.dy = {1, 16, 8, 16, Mantissas(16 * 8 * 16)};
    for (std::size_t i = 0; i < t.dy.blocked.size(); ++i) {
        const std::size_t pixel = i / 16;
        const int grows = pixel < 64 ? 2003 : 4096;
        const int cancels = pixel % 2 == 0 ? 4096 : -4096;
        t.dy.blocked[i] = static_cast<std::int16_t>(i % 2 == 0 ? cancels : grows);
    }
    for (const bool non_negative : {false, true}) {
        check("edge pointwise weight-gradient", Policy::exact, expected_weight_gradient(t),
              [&](const Products& products, Result dw) {
                  conv_weight_gradient(products, t.conv, {t.x.blocked.data(), t.exponent_a, 8191, non_negative},
                                       {t.dy.blocked.data(), t.exponent_b, 8191}, dw);
              });
    }
}

// Sums that reach 2^31 exactly at the certificate's edge: chains of equal magnitudes, one more pair would not certify.
TEST(FastProducts, CertificateEdge) {
    for (const std::int16_t largest : {std::int16_t{32767}, std::int16_t{8191}, std::int16_t{8192}, std::int16_t{1}}) {
        ConvCase t;
        t.conv = {1, 64, 3, 20, 32, 3, 3, 1, 18, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
        t.x = {1, 64, 3, 20, Mantissas(4 * 3 * 20 * 16, largest)};
        t.dy = {1, 32, 1, 18, Mantissas(2 * 18 * 16, largest)};
        t.w = Mantissas(32 * 64 * 9, largest);
        check("edge forward", Policy::exact, expected_forward(t), [&](const Products& products, Result y) {
            conv_forward(products, t.conv, {t.x.blocked.data(), t.exponent_a}, {t.w.data(), t.exponent_b}, y);
        });
        check("edge backward-data", Policy::exact, expected_backward_data(t), [&](const Products& products, Result dx) {
            conv_backward_data(products, t.conv, {t.dy.blocked.data(), t.exponent_a}, {t.w.data(), t.exponent_b}, dx);
        });
        check("edge weight-gradient", Policy::exact, expected_weight_gradient(t),
              [&](const Products& products, Result dw) {
                  conv_weight_gradient(products, t.conv, {t.x.blocked.data(), t.exponent_a},
                                       {t.dy.blocked.data(), t.exponent_b}, dw);
              });
    }
}

// Runs of one sign, so that sums wander to and beyond 2^30 and 2^31, and many come back.
Mantissas runs(std::mt19937_64& random, std::int64_t count) {
    Mantissas result;
    while (static_cast<std::int64_t>(result.size()) < count) {
        const std::int16_t magnitude = random() % 2 == 0 ? 8191 : 5000;
        const auto value = static_cast<std::int16_t>(random() % 2 == 0 ? magnitude : -magnitude);
        result.insert(result.end(), 1 + random() % 300, value);
    }
    result.resize(static_cast<std::size_t>(count));
    return result;
}

// Chains that go on from each other where sums are near what INT32 holds, and from where they may not go on.
TEST(FastProducts, ChainsThatGoOn) {
    std::mt19937_64 random(31);
    for (int round = 0; round < 12; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        ConvCase t;
        t.conv = {1, 1024, 1, 9, 32, 1, 1, 1, 9, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
        t.x = {1, 1024, 1, 9, Mantissas(64 * 9 * 16, 8191)};
        t.w = runs(random, 32 * 1024);
        check("forward", Policy::exact, expected_forward(t), [&](const Products& products, Result y) {
            conv_forward(products, t.conv, {t.x.blocked.data(), t.exponent_a}, {t.w.data(), t.exponent_b}, y);
        });

        t.conv = {1, 32, 1, 9, 1024, 1, 1, 1, 9, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
        t.dy = {1, 1024, 1, 9, Mantissas(64 * 9 * 16)};
        for (std::int64_t q = 0; q < 9; ++q) {
            const Mantissas of_pixel = runs(random, 1024);
            for (std::int64_t k = 0; k < 1024; ++k) {
                t.dy.blocked[place(1024, 9, 0, k, q)] = of_pixel[static_cast<std::size_t>(k)];
            }
        }
        std::fill(t.w.begin(), t.w.end(), std::int16_t{-8191});
        check("backward-data", Policy::exact, expected_backward_data(t), [&](const Products& products, Result dx) {
            conv_backward_data(products, t.conv, {t.dy.blocked.data(), t.exponent_a}, {t.w.data(), t.exponent_b}, dx);
        });

        t.conv = {2, 3, 40, 40, 32, 1, 1, 40, 40, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
        t.x = {2, 3, 40, 40, Mantissas(2 * 40 * 40 * 16, 0)};
        for (std::size_t i = 0; i < t.x.blocked.size(); ++i) t.x.blocked[i] = i % 16 < 3 ? 8191 : 0;
        t.dy = {2, 32, 40, 40, {}};
        for (int block = 0; block < 4; ++block) {  // runs over pixels, the same for 16 channels
            for (const std::int16_t value : runs(random, 40 * 40)) t.dy.blocked.insert(t.dy.blocked.end(), 16, value);
        }
        check("weight-gradient", Policy::exact, expected_weight_gradient(t), [&](const Products& products, Result dw) {
            conv_weight_gradient(products, t.conv, {t.x.blocked.data(), t.exponent_a},
                                 {t.dy.blocked.data(), t.exponent_b}, dw);
        });
    }
}

void check_matrices(std::int64_t M, std::int64_t N, std::int64_t K, const Accumulation& accumulation, Data data,
                    int exponent, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const std::string shape = std::to_string(M) + "x" + std::to_string(N) + "x" + std::to_string(K) + " policy " +
                              std::to_string(static_cast<int>(accumulation.policy)) + " L " +
                              std::to_string(accumulation.chain);
    const Mantissas a = mantissas(random, M * K, data);
    const Mantissas b = mantissas(random, K * N, data);
    const auto blocked = [](const Mantissas& plain, std::int64_t rows, std::int64_t columns) {
        Mantissas result(static_cast<std::size_t>(rows * blocks(columns) * 16), 0);
        for (std::int64_t i = 0; i < rows * columns; ++i) {
            result[place(columns, 1, i / columns, i % columns, 0)] = plain[static_cast<std::size_t>(i)];
        }
        return result;
    };
    const auto transposed = [](const Mantissas& plain, std::int64_t rows, std::int64_t columns) {
        Mantissas result(plain.size());
        for (std::int64_t i = 0; i < rows * columns; ++i) {
            result[static_cast<std::size_t>(i % columns * rows + i / columns)] = plain[static_cast<std::size_t>(i)];
        }
        return result;
    };
    Bits expected(static_cast<std::size_t>(M * N));
    Bits expected_blocked(static_cast<std::size_t>(M * blocks(N) * 16), 0);
    for (std::int64_t m = 0; m < M; ++m) {
        for (std::int64_t n = 0; n < N; ++n) {
            Terms terms;
            for (std::int64_t k = 0; k < K; ++k) {
                terms.add(a[static_cast<std::size_t>(m * K + k)], b[static_cast<std::size_t>(k * N + n)]);
            }
            terms.pad_pair();
            const std::uint32_t bits = result_of(terms, accumulation, exponent);
            expected[static_cast<std::size_t>(m * N + n)] = bits;
            expected_blocked[place(N, 1, m, n, 0)] = bits;
        }
    }
    check("gemm " + shape, accumulation.policy, expected, [&](const Products& products, Result c) {
        gemm(products, {M, N, K, accumulation}, {a.data(), exponent}, {b.data(), 0}, c);
    });
    // (M, K) x (K, N): forward with x = a and w = b transposed, backward-data with dy = a and w = b, weight-gradient
    // with dy = a transposed and x = b.
    const Mantissas a_blocked = blocked(a, M, K);
    const Mantissas b_transposed = transposed(b, K, N);
    check("fc forward " + shape, accumulation.policy, expected_blocked, [&](const Products& products, Result y) {
        fc_forward(products, {M, K, N, accumulation}, {a_blocked.data(), 0}, {b_transposed.data(), exponent}, y);
    });
    check("fc backward-data " + shape, accumulation.policy, expected_blocked, [&](const Products& products, Result dx) {
        fc_backward_data(products, {M, N, K, accumulation}, {a_blocked.data(), 0}, {b.data(), exponent}, dx);
    });
    const Mantissas dy = blocked(transposed(a, M, K), K, M);
    const Mantissas x = blocked(b, K, N);
    check("fc weight-gradient " + shape, accumulation.policy, expected, [&](const Products& products, Result dw) {
        fc_weight_gradient(products, {K, N, M, accumulation}, {x.data(), exponent}, {dy.data(), 0}, dw);
    });
}

TEST(FastProducts, Matrices) {
    std::mt19937_64 random(7);
    std::uint64_t seed = 1;
    for (const auto& [M, N, K] : std::vector<std::array<std::int64_t, 3>>{
             {1, 1, 1}, {1, 1, 2}, {3, 5, 7}, {14, 32, 16}, {15, 33, 17}, {29, 16, 40}, {5, 70, 333}, {64, 10, 50}}) {
        for (const std::int64_t length : {std::int64_t{1}, std::int64_t{3}, std::int64_t{8}, std::int64_t{64}, kHuge}) {
            check_matrices(M, N, K, {Policy::chain, length}, Data::with_lowest, -20, seed++);
        }
        for (const Data data : {Data::small, Data::full, Data::extremes}) {
            check_matrices(M, N, K, {Policy::exact, 64}, data, -20, seed++);
            check_matrices(M, N, K, {Policy::wrap, 64}, data, 0, seed++);
            check_matrices(M, N, K, {Policy::saturate, 64}, data, 0, seed++);
        }
        check_matrices(M, N, K, {Policy::wrap, 64}, Data::with_lowest, 0, seed++);
        check_matrices(M, N, K, {Policy::saturate, 64}, Data::with_lowest, 0, seed++);
    }
}

// Results that are subnormal or round to a zero with a sign.
TEST(FastProducts, TinyResults) {
    std::uint64_t seed = 1;
    for (const int exponent : {-252, -182, -181, -176, -170, -165, -160, -156, -149, -140}) {
        for (const Data data : {Data::small, Data::full}) {
            check_matrices(6, 20, 9, {Policy::exact, 64}, data, exponent, seed++);
            check_matrices(6, 20, 9, {Policy::chain, 3}, data, exponent, seed++);
        }
    }
}

std::uint32_t largest_bits(const float* values, std::size_t count) {
    std::uint32_t largest = 0;
    for (std::size_t i = 0; i < count; ++i)
        largest = std::max(largest, std::bit_cast<std::uint32_t>(values[i]) & 0x7FFFFFFFu);
    return largest;
}

// The one rounding of an exact sum, at sizes that no test could reach by products: ties between two FP32 numbers, one
// off them, beyond what binary64 holds, subnormal results.
TEST(FastProducts, RoundingOfExactSums) {
    std::mt19937_64 random(11);
    std::vector<std::int64_t> sums;
    for (int bits = 1; bits <= 62; ++bits) {
        for (int i = 0; i < 400; ++i) {
            const std::int64_t top = std::int64_t{1} << bits;
            const std::int64_t half = bits > 24 ? top >> 24 : 0;  // an FP32 tie above `top`
            const auto tie = static_cast<std::int64_t>(random() % 64) * 2 + 1;
            sums.push_back(top + tie * half + static_cast<std::int64_t>(random() % 3) - 1);
            sums.push_back(-sums.back());
            sums.push_back(static_cast<std::int64_t>(random() >> (63 - bits)) - top);
        }
    }
    sums.resize(sums.size() / 16 * 16);
    const auto count = static_cast<std::int64_t>(sums.size());
    for (const Isa isa : supported_isas()) {
        for (const int k : {-252, -213, -212, -211, -200, -190, -175, -174, -149, -127, -126, -20, 0, 40, 64}) {
            const double scale = std::ldexp(1.0, k);
            std::vector<float> in_rows(sums.size());  // of 16, as tiles have them
            std::vector<float> in_one(sums.size());
            const std::uint32_t of_all =
                finish(isa, Policy::exact, {sums.data(), 1, 0, count, scale, in_one.data(), 0});
            EXPECT_EQ(of_all, largest_bits(in_one.data(), in_one.size()));
            EXPECT_LT(of_all, kBeyondFp32);
            for (std::int64_t i = 0; i < count; i += 16) {  // alone, so that a row has no larger sum elsewhere
                float* row = in_rows.data() + i;
                const std::uint32_t of_row = finish(isa, Policy::exact, {sums.data() + i, 1, 0, 16, scale, row, 0});
                EXPECT_EQ(of_row, largest_bits(row, 16));
            }
            for (std::size_t i = 0; i < sums.size(); ++i) {
                const auto expected = std::bit_cast<std::uint32_t>(scaled(static_cast<long double>(sums[i]), k));
                ASSERT_EQ(std::bit_cast<std::uint32_t>(in_rows[i]), expected)
                    << name_of(isa) << " sum " << sums[i] << " k " << k;
                ASSERT_EQ(std::bit_cast<std::uint32_t>(in_one[i]), expected)
                    << name_of(isa) << " sum " << sums[i] << " k " << k;
            }
        }
        // Sums that INT32 holds.
        std::vector<std::int32_t> short_sums;
        for (const std::int64_t sum : sums) {
            if (sum == static_cast<std::int32_t>(sum)) short_sums.push_back(static_cast<std::int32_t>(sum));
        }
        for (int i = -8; i < 8; ++i) short_sums.push_back(i);
        short_sums.push_back(std::numeric_limits<std::int32_t>::min());
        short_sums.push_back(std::numeric_limits<std::int32_t>::max());
        ASSERT_GT(short_sums.size(), 64u);
        for (const int k : {-252, -175, -149, -130, -127, -126, -20, 0, 64}) {
            for (const std::size_t length : {short_sums.size(), short_sums.size() / 16 * 16}) {
                std::vector<float> results(length);
                const auto elements = static_cast<std::int64_t>(length);
                const std::uint32_t largest = vector_ops(isa).finish_exact_short(
                    {short_sums.data(), 1, 0, elements, std::ldexp(1.0, k), results.data(), 0});
                EXPECT_EQ(largest, largest_bits(results.data(), length));
                for (std::size_t i = 0; i < length; ++i) {
                    ASSERT_EQ(std::bit_cast<std::uint32_t>(results[i]),
                              std::bit_cast<std::uint32_t>(scaled(static_cast<long double>(short_sums[i]), k)))
                        << name_of(isa) << " sum " << short_sums[i] << " k " << k;
                }
            }
        }
        // Just below 2^128, at the tie that rounds to it, and 2^128 itself.
        const std::int64_t edge[] = {(std::int64_t{1} << 62) - (std::int64_t{1} << 37) - 1,
                                     (std::int64_t{1} << 62) - (std::int64_t{1} << 37), std::int64_t{1} << 62};
        for (int i = 0; i < 3; ++i) {
            for (const std::int64_t length : {std::int64_t{1}, std::int64_t{16}}) {
                const std::vector<std::int64_t> row(static_cast<std::size_t>(length), edge[i]);
                std::vector<float> results(row.size());
                EXPECT_EQ(finish(isa, Policy::exact,
                                 {row.data(), 1, 0, length, std::ldexp(1.0, 66), results.data(), 0}) >= kBeyondFp32,
                          i > 0);
            }
        }
        // A small sum beyond FP32, last in a row of small ones.
        std::vector<std::int64_t> row(16, 1);
        row[15] = -(std::int64_t{1} << 28);
        std::vector<float> results(16);
        EXPECT_LT(finish(isa, Policy::exact, {row.data(), 1, 0, 16, std::ldexp(1.0, 99), results.data(), 0}),
                  kBeyondFp32);
        EXPECT_GE(finish(isa, Policy::exact, {row.data(), 1, 0, 16, std::ldexp(1.0, 100), results.data(), 0}),
                  kBeyondFp32);
    }
}

std::string message_of(const std::function<void()>& run) {
    try {
        run();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

TEST(FastProducts, Errors) {
    for (const Isa isa : supported_isas()) {
        const Products products{isa, &pool_of(2)};
        const ConvParams conv{1, 17, 2, 3, 2, 1, 1, 2, 3, {1, 1}, {0, 0}, 1, {Policy::exact, 64}};
        Mantissas x(2 * 6 * 16, 0);
        Mantissas w(2 * 17, 1);
        std::vector<float> y(6 * 16);
        const auto forward = [&] { conv_forward(products, conv, {x.data(), 113}, {w.data(), 0}, {y.data(), nullptr}); };
        x[place(17, 6, 0, 16, 5)] = -32768;
        EXPECT_EQ(message_of(forward), "x (0,16,1,2): mantissa -32768; policy exact expects -32767 to 32767");
        x[place(17, 6, 0, 16, 5)] = 32767;
        EXPECT_EQ(message_of(forward), "no error");
        w[17 + 16] = 4;
        EXPECT_EQ(message_of(forward), "y (0,1,1,2): result beyond FP32 (2^128 or more)");
        w[3] = -32768;
        EXPECT_EQ(message_of(forward), "w (0,3,0,0): mantissa -32768; policy exact expects -32767 to 32767");
        ConvParams chained = conv;
        chained.accumulation.policy = Policy::chain;
        EXPECT_EQ(message_of([&] {
                      conv_forward(products, chained, {x.data(), 113}, {w.data(), 0}, {y.data(), nullptr});
                  }),
                  "y (0,1,1,2): result beyond FP32 (2^128 or more)");
    }
}

TEST(FastProducts, NamesOfIsas) {
    EXPECT_EQ(isa_of("auto"), supported_isas().back());
    for (const Isa isa : supported_isas()) EXPECT_EQ(isa_of(name_of(isa)), isa);
    EXPECT_THROW(isa_of("sse9"), InputError);
}

}  // namespace
}  // namespace dfp16::fast
