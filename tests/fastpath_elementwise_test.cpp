// The fast path's operations that are not sums of products against the contract, bit by bit, on every ISA of this CPU,
// with 1, 2 and 3 threads, in plain and in blocked layouts.
#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "tests/fastpath_case.h"
#include "tests/naive_elementwise.h"

namespace dfp16::test {
namespace {

using naive::Dfp;
using naive::Extent;
using naive::Reals;
using naive::Step;
using Random = std::mt19937_64;

// Odd sizes, part blocks of channels, a plane of more than one tile.
const std::vector<Shape> kShapes = {{1, 1, 1, 1},  {1, 3, 3, 5},    {2, 16, 1, 1},
                                    {5, 17, 7, 9}, {2, 33, 13, 11}, {1, 20, 49, 47}};
constexpr Rounding kRoundings[] = {Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic};

Extent extent_of(const Shape& shape) {
    const auto N = static_cast<std::size_t>(shape[0]);
    const auto C = static_cast<std::size_t>(shape[1]);
    return {N, C, static_cast<std::size_t>(shape.elements()) / N / C};
}

std::size_t count_of(const Shape& shape) {
    return static_cast<std::size_t>(shape.elements());
}

std::int64_t integer(Random& random, std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

/// FP32 values spread over a few binades around 2^exponent.
Reals reals(Random& random, std::size_t count, int exponent = 0) {
    Reals x;
    for (std::size_t i = 0; i < count; ++i) {
        const double v = static_cast<double>(integer(random, -(1 << 24), 1 << 24)) * 0x1p-24;
        x.push_back(static_cast<float>(std::ldexp(v, exponent - static_cast<int>(integer(random, 0, 6)))));
    }
    return x;
}

Dfp mantissas(Random& random, std::size_t count, int exponent, std::int64_t limit = 8191) {
    Dfp x{{}, exponent};
    for (std::size_t i = 0; i < count; ++i) x.m.push_back(integer(random, -limit, limit));
    return x;
}

struct FloatClass {
    std::string name;
    std::function<Reals(Random&, std::size_t, int headroom)> make;
};

/// The largest power of two whose exponent quantize gives is within the format.
int highest(int headroom) {
    return 113 + 14 - headroom;
}

const std::vector<FloatClass> kFloatClasses = {
    {"ordinary", [](Random& r, std::size_t n, int) { return reals(r, n); }},
    {"ties",
     [](Random& r, std::size_t n, int headroom) {
         Reals x;
         for (std::size_t i = 0; i < n; ++i) {
             const auto odd =
                 static_cast<double>(2 * integer(r, -(1 << (14 - headroom)), (1 << (14 - headroom)) - 1) + 1);
             x.push_back(static_cast<float>(std::ldexp(odd, -(14 - headroom) - 1)));
         }
         x[n / 2] = -1.0f;
         return x;
     }},
    {"rounds up to the bound",
     [](Random& r, std::size_t n, int) {
         Reals x;
         for (std::size_t i = 0; i < n; ++i) x.push_back(integer(r, 0, 1) ? 0x1.fffffep3f : -0x1.fffffep3f);
         return x;
     }},
    {"subnormals",
     [](Random& r, std::size_t n, int) {
         Reals x;
         for (std::size_t i = 0; i < n; ++i)
             x.push_back(std::ldexp(static_cast<float>(integer(r, -8388607, 8388607)), -149));
         return x;
     }},
    {"smallest normals", [](Random& r, std::size_t n, int) { return reals(r, n, -118); }},
    {"zeros",
     [](Random& r, std::size_t n, int) {
         Reals x;
         for (std::size_t i = 0; i < n; ++i) x.push_back(integer(r, 0, 1) ? 0.0f : -0.0f);
         return x;
     }},
    {"one huge element",
     [](Random& r, std::size_t n, int headroom) {
         Reals x = reals(r, n, -100);
         for (std::size_t i = 0; i < n; i += 3) x[i] = reals(r, 1, highest(headroom) - 14 + headroom)[0];
         x[n / 3] = -std::ldexp(1.75f, highest(headroom));
         return x;
     }},
    {"every binade",
     [](Random& r, std::size_t n, int headroom) {
         Reals x;
         for (std::size_t i = 0; i < n; ++i)
             x.push_back(reals(r, 1, static_cast<int>(integer(r, -148, highest(headroom))))[0]);
         return x;
     }},
};

TEST(FastQuantize, FollowsTheContract) {
    Random random(1);
    for (const FloatClass& values : kFloatClasses) {
        for (const Shape& shape : kShapes) {
            for (const int headroom : {0, 2, 7, 14}) {
                for (const Rounding rounding : kRoundings) {
                    for (const bool blocked : {false, true}) {
                        SCOPED_TRACE(values.name + " " + shape.text() + " headroom " + std::to_string(headroom) +
                                     " rounding " + std::to_string(static_cast<int>(rounding)));
                        FastCase test;
                        const Step step{test.context, {headroom, rounding, 0x123456}};
                        const Reals x = values.make(random, count_of(shape), headroom);
                        const TensorId in = test.input("x", host(x, shape));
                        const TensorId out = test.output("y", host(naive::quantize(x, step), shape));
                        test.operation(OpKind::quantize, step.params, {in}, {out});
                        if (blocked) test.make_blocked(out);
                        ASSERT_NO_FATAL_FAILURE(test.check());
                    }
                }
            }
        }
    }
}

TEST(FastQuantize, StochasticComparesWholeWords) {
    FastCase test;
    const Step step{test.context, {0, Rounding::stochastic, 99}};
    const Shape shape = {1, 1, 100, 100};
    Reals x(count_of(shape), 0.0f);
    x[0] = 0x1p14f;  // so that the exponent is 0
    for (std::size_t i = 1; i < x.size(); ++i) {
        const std::uint32_t word = step.word(Purpose::quantize, i);
        const std::uint32_t top24 = word & 0xFFFFFF00u;  // equal to the word for one in 256, else below it
        x[i] = static_cast<float>(i % 2 ? top24 : word | 0xFFu) * 0x1p-32f;
    }
    const TensorId in = test.input("x", host(x, shape));
    const TensorId out = test.output("y", host(naive::quantize(x, step), shape));
    test.operation(OpKind::quantize, step.params, {in}, {out});
    test.check();
}

TEST(FastQuantize, NamesTheFirstValueThatIsNotFinite) {
    const Shape shape = {2, 17, 3, 5};
    for (const bool blocked : {false, true}) {
        for (const float bad : {NAN, INFINITY, -INFINITY}) {
            FastCase test;
            Reals x(count_of(shape), 1.0f);
            x[400] = bad;
            x[263] = bad;  // (1,0,2,2)... of the second image: 255 + 8
            const TensorId in = test.input("x", host(x, shape));
            const TensorId out = test.unchecked("y", ElementType::mantissa, shape);
            test.operation(OpKind::quantize, RoundingParams{}, {in}, {out});
            if (blocked) test.make_blocked(out);
            test.check_error({"layer.x", "index 263", shape.coordinates(263)});
        }
    }
}

TEST(FastDequantize, FollowsTheContract) {
    Random random(2);
    for (const Shape& shape : kShapes) {
        for (const int exponent : {-126, -20, 0, 113}) {
            for (const bool blocked : {false, true}) {
                FastCase test;
                const Dfp x = mantissas(random, count_of(shape), exponent, 32767);
                const TensorId in = test.input("x", host(x, shape));
                const TensorId out = test.output("y", host(naive::dequantize(x), shape));
                test.operation(OpKind::dequantize, NoParams{}, {in}, {out});
                if (blocked) test.make_blocked(in);
                ASSERT_NO_FATAL_FAILURE(test.check());
            }
        }
    }
}

TEST(FastMultiply, FollowsTheContract) {
    Random random(3);
    const std::vector<std::pair<int, int>> exponents = {{0, 0}, {-126, -126}, {-126, -100}, {-60, -66}, {50, 40}};
    for (const Shape& shape : kShapes) {
        for (const auto& [ea, eb] : exponents) {
            for (const std::int64_t limit : {0, 1, 100, 8191, 32767}) {
                for (const Rounding rounding : kRoundings) {
                    for (const bool blocked : {false, true}) {
                        FastCase test;
                        const Step step{test.context, {2, rounding, 5}};
                        const Dfp a = mantissas(random, count_of(shape), ea, 32767);
                        const Dfp b = mantissas(random, count_of(shape), eb, limit);
                        const TensorId ia = test.input("a", host(a, shape));
                        const TensorId ib = test.input("b", host(b, shape));
                        const TensorId out = test.output("y", host(naive::multiply(a, b, step), shape));
                        test.operation(OpKind::multiply, step.params, {ia, ib}, {out});
                        if (blocked) test.make_blocked(ib);
                        ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text() << " limit " << limit;
                    }
                }
            }
        }
    }
}

TEST(FastAdd, FollowsTheContract) {
    Random random(4);
    for (const Shape& shape : {kShapes[0], kShapes[3], kShapes[5]}) {
        for (const int gap : {0, 1, 2, 13, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 100, 239}) {
            for (const std::int64_t limit : {1, 8191, 32767}) {
                for (const Rounding rounding : kRoundings) {
                    for (const bool relu : {false, true}) {
                        FastCase test;
                        const Step step{test.context, {static_cast<int>(integer(random, 0, 14)), rounding, 77}};
                        const int low = gap == 239 ? -126 : -100;
                        const bool swap = gap % 2 == 1;
                        const Dfp a = mantissas(random, count_of(shape), swap ? low : low + gap, limit);
                        const Dfp b = mantissas(random, count_of(shape), swap ? low + gap : low, limit);
                        if (gap == 239 && step.params.headroom > 0) continue;  // the sum may leave the format
                        if (gap == 239 && limit > 8191) continue;
                        const TensorId ia = test.input("a", host(a, shape));
                        const TensorId ib = test.input("b", host(b, shape));
                        const TensorId out = test.output("y", host(naive::add(a, b, relu, step), shape));
                        test.operation(OpKind::add, AddParams{step.params, relu}, {ia, ib}, {out});
                        if (integer(random, 0, 1)) test.make_blocked(out);
                        ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text() << " gap " << gap << " limit " << limit;
                    }
                }
            }
        }
    }
}

TEST(FastAdd, TiesOfBothSigns) {
    // 2k + 1 halves at gap 1, and halves of 2^gap in general.
    Random random(5);
    for (const int gap : {1, 4, 14}) {
        FastCase test;
        const Step step{test.context, {0, Rounding::nearest_even, 0}};
        const Shape shape = {4, 100};
        Dfp a = mantissas(random, 400, gap, 100);
        Dfp b{{}, 0};
        for (std::size_t i = 0; i < 400; ++i) {
            const std::int64_t most = (32767 >> gap) - 1;
            b.m.push_back((2 * integer(random, -most / 2, most / 2) + 1) * (std::int64_t{1} << (gap - 1)));
        }
        const TensorId ia = test.input("a", host(a, shape));
        const TensorId ib = test.input("b", host(b, shape));
        const TensorId out = test.output("y", host(naive::add(a, b, false, step), shape));
        test.operation(OpKind::add, AddParams{step.params, false}, {ia, ib}, {out});
        ASSERT_NO_FATAL_FAILURE(test.check());
    }
}

TEST(FastAdd, RejectsTheMostNegativeMantissa) {
    for (const OpKind kind : {OpKind::add, OpKind::multiply}) {
        FastCase test;
        Random random(6);
        const Shape shape = {2, 17, 3, 5};
        Dfp b = mantissas(random, count_of(shape), 0);
        b.m[77] = -32768;
        const TensorId ia = test.input("a", host(mantissas(random, count_of(shape), 0), shape));
        const TensorId ib = test.input("b", host(b, shape));
        const TensorId out = test.unchecked("y", ElementType::mantissa, shape);
        test.operation(kind, kind == OpKind::add ? OpParams(AddParams{}) : OpParams(RoundingParams{}), {ia, ib}, {out});
        test.make_blocked(out);
        test.check_error({"layer.b", "-32768", "index 77", shape.coordinates(77)});
    }
}

TEST(FastDownConvert, FollowsTheContract) {
    Random random(7);
    for (const Shape& shape : kShapes) {
        for (const int bits : {0, 1, 10, 13, 14, 20, 31, 32}) {
            for (const int exponent : {-252, -170, -158, -157, -126, -20, 60}) {
                for (const Rounding rounding : kRoundings) {
                    FastCase test;
                    const Step step{test.context, {static_cast<int>(integer(random, 0, 14)), rounding, 9}};
                    std::vector<std::int64_t> v;
                    for (std::size_t i = 0; i < count_of(shape); ++i) {
                        const std::int64_t top = bits == 0 ? 0 : (std::int64_t{1} << (std::min(bits, 31) - 1)) * 2 - 1;
                        v.push_back(integer(random, -top, top));
                    }
                    if (bits == 32) v[v.size() / 2] = INT32_MIN;
                    const TensorId in = test.input("x", host_integers(v, exponent, shape));
                    const TensorId out = test.output("y", host(naive::down_convert(v, exponent, step), shape));
                    test.operation(OpKind::down_convert, step.params, {in}, {out});
                    if (integer(random, 0, 1)) test.make_blocked(out);
                    ASSERT_NO_FATAL_FAILURE(test.check())
                        << shape.text() << " bits " << bits << " exponent " << exponent;
                }
            }
        }
    }
}

TEST(FastDownConvert, StochasticComparesWholeWords) {
    FastCase test;
    const Step step{test.context, {14, Rounding::stochastic, 99}};
    const Shape shape = {3, 100};
    std::vector<std::int64_t> v = {INT32_MAX};  // so that the shift is 30
    for (std::size_t i = 1; i < count_of(shape); ++i) {
        const std::int64_t word = step.word(Purpose::down_convert, i);
        v.push_back(word / 4 + static_cast<std::int64_t>(i % 3) - 1);
    }
    const TensorId in = test.input("x", host_integers(v, 0, shape));
    const TensorId out = test.output("y", host(naive::down_convert(v, 0, step), shape));
    test.operation(OpKind::down_convert, step.params, {in}, {out});
    test.check();
}

TEST(FastDownConvert, RejectsAnExponentBeyondTheFormat) {
    FastCase test;
    const TensorId in = test.input("x", host_integers({INT32_MAX}, 96, {1, 1}));
    const TensorId out = test.unchecked("y", ElementType::mantissa, {1, 1});
    test.operation(OpKind::down_convert, RoundingParams{}, {in}, {out});
    test.check_error({"layer.y", "114"});
}

TEST(FastBias, FollowsTheContract) {
    Random random(8);
    std::vector<Shape> shapes = kShapes;
    shapes.push_back({5, 33});
    for (const Shape& shape : shapes) {
        FastCase test;
        const Reals x = reals(random, count_of(shape));
        const Reals b = reals(random, count_of({shape[1]}));
        const Dfp dy = mantissas(random, count_of(shape), -9, 32767);
        const TensorId ix = test.input("x", host(x, shape));
        const TensorId ib = test.input("b", host(b, {shape[1]}));
        const TensorId idy = test.input("dy", host(dy, shape));
        const TensorId y = test.output("y", host(naive::bias(x, b, extent_of(shape)), shape));
        const TensorId db = test.output("db", host(naive::bias_gradient(dy, extent_of(shape)), {shape[1]}));
        test.operation(OpKind::bias_forward, NoParams{}, {ix, ib}, {y});
        test.operation(OpKind::bias_gradient, NoParams{}, {idy}, {db});
        const TensorId db_of_fp32 = test.output("db32", host(naive::bias_gradient(x, extent_of(shape)), {shape[1]}));
        test.operation(OpKind::bias_gradient, NoParams{}, {ix}, {db_of_fp32});
        ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text();
    }
}

TEST(FastBias, GradientSumsBeyondInt32) {
    const Shape shape = {2, 2, 300, 301};
    FastCase test;
    const Dfp dy{std::vector<std::int64_t>(count_of(shape), -32767), 60};
    const TensorId in = test.input("dy", host(dy, shape));
    const TensorId out = test.output("db", host(naive::bias_gradient(dy, extent_of(shape)), {2}));
    test.operation(OpKind::bias_gradient, NoParams{}, {in}, {out});
    test.check();
}

TEST(FastBias, GradientBeyondFp32IsAnError) {
    FastCase test;
    const TensorId in = test.input("dy", host(Dfp{{0, 32767, 0, 32767}, 113}, {2, 2}));
    test.operation(OpKind::bias_gradient, NoParams{}, {in}, {test.unchecked("db", ElementType::fp32, {2})});
    test.check_error({"layer.db", "index 1"});
}

TEST(FastRelu, FollowsTheContract) {
    Random random(9);
    for (const Shape& shape : kShapes) {
        for (const bool blocked : {false, true}) {
            FastCase test;
            Reals x = reals(random, count_of(shape));
            x[0] = -0.0f;
            x[x.size() / 2] = NAN;
            const Dfp m = mantissas(random, count_of(shape), 3, 3);
            const Dfp dy = mantissas(random, count_of(shape), -50);
            const TensorId ix = test.input("x", host(x, shape));
            const TensorId im = test.input("m", host(m, shape));
            const TensorId idy = test.input("dy", host(dy, shape));
            const TensorId y = test.output("y", host(naive::relu(x), shape));
            const TensorId ym = test.output("ym", host(naive::relu(m), shape));
            const TensorId dx = test.output("dx", host(naive::relu_backward(dy, m.m), shape));
            const TensorId dx_by_fp32 = test.output("dx2", host(naive::relu_backward(dy, x), shape));
            test.operation(OpKind::relu_forward, NoParams{}, {ix}, {y});
            test.operation(OpKind::relu_forward, NoParams{}, {im}, {ym});
            test.operation(OpKind::relu_backward, NoParams{}, {idy, im}, {dx});
            test.operation(OpKind::relu_backward, NoParams{}, {idy, ix}, {dx_by_fp32});
            const Reals dy32 = reals(random, count_of(shape));
            const TensorId idy32 = test.input("dy32", host(dy32, shape));
            const TensorId dx32 = test.output("dx3", host(naive::relu_backward(dy32, m.m), shape));
            const TensorId dx32_by_fp32 = test.output("dx4", host(naive::relu_backward(dy32, x), shape));
            test.operation(OpKind::relu_backward, NoParams{}, {idy32, im}, {dx32});
            test.operation(OpKind::relu_backward, NoParams{}, {idy32, ix}, {dx32_by_fp32});
            if (blocked) test.make_blocked(ix);
            if (blocked) test.make_blocked(dx);
            ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text();
        }
    }
}

PoolParams pool(const Shape& x, std::int64_t R, std::int64_t S, std::int64_t stride, std::int64_t pad,
                SizeRounding size = SizeRounding::floor) {
    PoolParams p{x[0], x[1], x[2], x[3], R, S, 0, 0, {stride, stride + 1}, {pad, pad}, {}, size};
    p.P = pooled_size(p.H, p.R, p.stride[0], p.pad[0], size);
    p.Q = pooled_size(p.W, p.S, p.stride[1], p.pad[1], size);
    return p;
}

const std::vector<PoolParams> kPools = {
    pool({1, 1, 1, 1}, 1, 1, 1, 0),
    pool({2, 3, 8, 8}, 2, 2, 1, 0),
    pool({5, 17, 9, 7}, 3, 3, 2, 1),
    pool({1, 33, 5, 6}, 2, 3, 3, 1),
    pool({2, 16, 7, 7}, 7, 7, 1, 0),
    pool({2, 20, 30, 31}, 3, 2, 1, 1),
    pool({1, 3, 4, 4}, 3, 3, 5, 0),
    pool({2, 18, 19, 17}, 3, 3, 5, 0),  // rows and columns that no window holds
    pool({2, 1, 17, 11}, 5, 4, 2, 2),
    pool({2, 17, 8, 9}, 3, 3, 2, 0, SizeRounding::ceil),  // windows beyond the end
    pool({2, 5, 7, 10}, 3, 3, 2, 1, SizeRounding::ceil),  // beyond the padding
    pool({1, 3, 3, 2}, 5, 6, 2, 0, SizeRounding::ceil),   // windows larger than the input
    pool({1, 33, 6, 5}, 2, 2, 3, 1, SizeRounding::ceil),  // a last window on padding only is left out
    pool({3, 16, 14, 14}, 5, 5, 3, 0, SizeRounding::ceil),
};

TEST(FastMaxPool, FollowsTheContract) {
    Random random(10);
    for (PoolParams g : kPools) {
        for (const std::int64_t limit : {0, 2, 32767}) {  // few values: many windows with several largest elements
            for (const Rounding rounding : kRoundings) {
                FastCase test;
                g.rounding = {2, rounding, 13};
                const Step step{test.context, g.rounding};
                const Shape in = {g.N, g.C, g.H, g.W};
                const Shape out = {g.N, g.C, g.P, g.Q};
                const Dfp x = mantissas(random, count_of(in), -3, limit);
                const Dfp dy = mantissas(random, count_of(out), -30, 32767);
                const TensorId ix = test.input("x", host(x, in));
                const TensorId idy = test.input("dy", host(dy, out));
                const TensorId y = test.output("y", host(naive::max_pool(x, g), out));
                const TensorId dx = test.output("dx", host(naive::max_pool_backward(x, dy, g, step), in));
                test.operation(OpKind::max_pool_forward, g, {ix}, {y});
                test.operation(OpKind::max_pool_backward, g, {ix, idy}, {dx});
                ASSERT_NO_FATAL_FAILURE(test.check()) << in.text() << " to " << out.text();
            }
        }
    }
}

TEST(FastMaxPool, TakesTheMostNegativeMantissa) {
    FastCase test;
    const PoolParams g = pool({1, 2, 4, 5}, 2, 2, 2, 0);
    const Dfp x{std::vector<std::int64_t>(40, -32768), 0};
    const Dfp dy{std::vector<std::int64_t>(static_cast<std::size_t>(2 * g.P * g.Q), 5), 0};
    const TensorId ix = test.input("x", host(x, {1, 2, 4, 5}));
    const TensorId idy = test.input("dy", host(dy, {1, 2, g.P, g.Q}));
    const TensorId y = test.output("y", host(naive::max_pool(x, g), {1, 2, g.P, g.Q}));
    const TensorId dx =
        test.output("dx", host(naive::max_pool_backward(x, dy, g, {test.context, g.rounding}), {1, 2, 4, 5}));
    test.operation(OpKind::max_pool_forward, g, {ix}, {y});
    test.operation(OpKind::max_pool_backward, g, {ix, idy}, {dx});
    test.check();
}

TEST(FastAveragePool, FollowsTheContract) {
    Random random(11);
    std::vector<PoolParams> pools = kPools;
    pools.push_back(pool({1, 2, 256, 257}, 256, 256, 1, 0));  // the largest window: its sums just fit INT32
    for (const PoolParams& g : pools) {
        for (const int exponent : {-126, -12, 90}) {
            FastCase test;
            const Shape in = {g.N, g.C, g.H, g.W};
            const Shape out = {g.N, g.C, g.P, g.Q};
            Dfp x = mantissas(random, count_of(in), exponent, 32767);
            for (std::int64_t& m : x.m) m = g.R > 100 ? -32768 : m;
            const Dfp dy = mantissas(random, count_of(out), exponent, 32767);
            const TensorId ix = test.input("x", host(x, in));
            const TensorId idy = test.input("dy", host(dy, out));
            const TensorId y = test.output("y", host(naive::average_pool(x, g), out));
            const TensorId dx = test.output("dx", host(naive::average_pool_backward(dy, g), in));
            test.operation(OpKind::average_pool_forward, g, {ix}, {y});
            test.operation(OpKind::average_pool_backward, g, {idy}, {dx});
            ASSERT_NO_FATAL_FAILURE(test.check()) << in.text() << " to " << out.text();
        }
    }
}

TEST(FastAveragePool, SumBeyondFp32IsAnError) {
    FastCase test;
    const PoolParams g = pool({1, 2, 2, 2}, 2, 2, 1, 0);
    const TensorId in = test.input("x", host(Dfp{{1, 1, 1, 1, 32767, 32767, 0, 0}, 113}, {1, 2, 2, 2}));
    test.operation(OpKind::average_pool_forward, g, {in}, {test.unchecked("y", ElementType::fp32, {1, 2, 1, 1})});
    test.check_error({"layer.y", "index 1", "(0,1,0,0)"});
}

TEST(FastLrn, FollowsTheContract) {
    Random random(23);
    std::vector<Shape> shapes = kShapes;
    shapes.push_back({3, 40});
    for (const Shape& shape : shapes) {
        for (const std::int64_t size : {1, 3, 5, 7, 99}) {
            for (const int exponent : {-126, -80, -14, 0, 30}) {
                FastCase test;
                const LrnParams params{size, size == 3 ? 2.0f : 1e-4f, size == 7 ? 1e-30f : 2.0f};
                Dfp x = mantissas(random, count_of(shape), exponent, 32767);
                x.m[0] = -32768;
                const Dfp dy = mantissas(random, count_of(shape), exponent - 3, 32767);
                const Extent extent = extent_of(shape);
                const TensorId ix = test.input("x", host(x, shape));
                const TensorId idy = test.input("dy", host(dy, shape));
                const TensorId y = test.output("y", host(naive::lrn(x, params, extent), shape));
                const TensorId dx = test.output("dx", host(naive::lrn_backward(x, dy, params, extent), shape));
                test.operation(OpKind::lrn_forward, params, {ix}, {y});
                test.operation(OpKind::lrn_backward, params, {ix, idy}, {dx});
                ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text() << " size " << size << " exponent " << exponent;
            }
        }
    }
}

TEST(FastLrn, SumBeyondFp32IsAnError) {
    const Shape shape = {2, 20, 3, 5};
    for (const bool backward : {false, true}) {
        FastCase test;
        Dfp x{std::vector<std::int64_t>(count_of(shape), 0), 50};
        x.m[count_of(shape) - 8] = 32767;  // channel 19, whose neighbour before it meets it first
        const TensorId ix = test.input("x", host(x, shape));
        const TensorId y = test.unchecked("y", ElementType::fp32, shape);
        const LrnParams params{3, 1e-4f, 1.0f};
        backward ? test.operation(OpKind::lrn_backward, params, {ix, ix}, {y})
                 : test.operation(OpKind::lrn_forward, params, {ix}, {y});
        const auto index = static_cast<std::int64_t>(count_of(shape)) - 8 - 15;
        test.check_error({"layer.y", "index " + std::to_string(index), shape.coordinates(index)});
    }
}

TEST(FastDropout, FollowsTheContract) {
    Random random(24);
    std::vector<Shape> shapes = kShapes;
    shapes.push_back({5, 33});
    for (const Shape& shape : shapes) {
        for (const float rate : {0.0f, 0.3f, 0.5f, 0.99999994f}) {
            for (const bool blocked : {false, true}) {
                FastCase test;
                const DropoutParams params{rate, 0xABCDEF};
                const Dfp x = mantissas(random, count_of(shape), -9, 32767);
                const TensorId ix = test.input("x", host(x, shape));
                const TensorId y = test.output("y", host(naive::dropout(x, params, test.context), shape));
                const TensorId dx = test.output("dx", host(naive::dropout(x, params, test.context), shape));
                test.operation(OpKind::dropout_forward, params, {ix}, {y});
                test.operation(OpKind::dropout_backward, params, {ix}, {dx});
                if (blocked) test.make_blocked(ix);
                ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text() << " rate " << rate;
            }
        }
    }
}

TEST(FastDropout, ComparesWholeWords) {
    // Rates at a word, and just above it.
    const Shape shape = {1, 1, 60, 60};
    const RunContext context = FastCase().context;
    const std::uint32_t word = RandomStream{context.seed, context.step, Purpose::dropout, 3}.word(17) & 0xFFFFFF00u;
    for (const float rate : {static_cast<float>(word) * 0x1p-32f, static_cast<float>(word + 0x100u) * 0x1p-32f}) {
        FastCase test;
        const DropoutParams params{rate, 3};
        const Dfp x{std::vector<std::int64_t>(count_of(shape), 5), 0};
        const TensorId ix = test.input("x", host(x, shape));
        const TensorId y = test.output("y", host(naive::dropout(x, params, context), shape));
        test.operation(OpKind::dropout_forward, params, {ix}, {y});
        ASSERT_NO_FATAL_FAILURE(test.check());
    }
}

/// Parts of these channels, their exponents by turns the largest and smaller by `gap`.
void check_concat(Random& random, const std::vector<std::int64_t>& channels, const Shape& image, int gap,
                  Rounding rounding) {
    FastCase test;
    const Step step{test.context, {2, rounding, 31}};
    const ConcatParams params{channels, step.params};
    std::vector<Dfp> parts;
    std::vector<Extent> extents;
    std::vector<TensorId> inputs;
    std::vector<TensorId> gradients;
    const Shape whole = {image[0], std::accumulate(channels.begin(), channels.end(), std::int64_t{0}), image[1],
                         image[2]};
    const Dfp dy = mantissas(random, count_of(whole), -4, 32767);
    std::size_t first = 0;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        const Shape shape = {image[0], channels[i], image[1], image[2]};
        extents.push_back(extent_of(shape));
        parts.push_back(mantissas(random, count_of(shape), i % 3 == 1 ? 3 : 3 - gap, 32767));
        inputs.push_back(test.input("part", host(parts[i], shape)));
        gradients.push_back(
            test.output("dx", host(naive::concat_backward(dy, extent_of(whole), first, extents[i]), shape)));
        first += extents[i].C;
    }
    const TensorId idy = test.input("dy", host(dy, whole));
    const TensorId y = test.output("y", host(naive::concat(parts, extents, step), whole));
    test.operation(OpKind::concat_forward, params, inputs, {y});
    test.operation(OpKind::concat_backward, params, {idy}, gradients);
    ASSERT_NO_FATAL_FAILURE(test.check());
}

TEST(FastConcat, FollowsTheContract) {
    Random random(25);
    const std::vector<std::vector<std::int64_t>> parts = {{7},         {16, 32},       {64, 16, 48}, {16, 5},
                                                          {3, 4, 2},   {5, 16, 17},    {1, 1, 1, 1}, {20, 30, 40, 50},
                                                          {16, 16, 9}, {33, 31, 16, 1}};
    for (const auto& channels : parts) {
        for (const Shape& image : {Shape{1, 1, 1}, Shape{2, 3, 5}, Shape{1, 13, 17}}) {
            for (const int gap : {0, 1, 5, 17, 40}) {
                for (const Rounding rounding : kRoundings) {
                    SCOPED_TRACE(std::to_string(channels.size()) + " parts, gap " + std::to_string(gap));
                    ASSERT_NO_FATAL_FAILURE(check_concat(random, channels, image, gap, rounding));
                }
            }
        }
    }
}

TEST(FastConcat, PaddingIsZeroInMemoryThatIsUsedAgain) {
    // A transient concat lies where large numbers were; its padding would raise the exponent of what multiplies it.
    FastCase test;
    Random random(26);
    const Step step{test.context, {}};
    const Dfp large{std::vector<std::int64_t>(32 * 9, 8191), 20};
    const Dfp a = mantissas(random, 5 * 9, 0, 100);
    const Dfp b = mantissas(random, 6 * 9, -3, 100);
    const TensorId il = test.input("large", host(large, {1, 32, 3, 3}));
    const TensorId ia = test.input("a", host(a, {1, 5, 3, 3}));
    const TensorId ib = test.input("b", host(b, {1, 6, 3, 3}));
    const TensorId t = test.unchecked("t", ElementType::mantissa, {1, 32, 3, 3}, Storage::transient);
    const TensorId tt =
        test.output("tt", host(naive::multiply(naive::multiply(large, large, step), large, step), {1, 32, 3, 3}));
    test.operation(OpKind::multiply, step.params, {il, il}, {t});
    test.operation(OpKind::multiply, step.params, {t, il}, {tt});
    const Dfp whole = naive::concat({a, b}, {{1, 5, 9}, {1, 6, 9}}, step);
    const TensorId y = test.unchecked("y", ElementType::mantissa, {1, 11, 3, 3}, Storage::transient);
    const TensorId product = test.output("yy", host(naive::multiply(whole, whole, step), {1, 11, 3, 3}));
    test.operation(OpKind::concat_forward, ConcatParams{{5, 6}, step.params}, {ia, ib}, {y});
    test.operation(OpKind::multiply, step.params, {y, y}, {product});
    const TensorId da = test.unchecked("da", ElementType::mantissa, {1, 5, 3, 3}, Storage::transient);
    const TensorId db = test.unchecked("db", ElementType::mantissa, {1, 6, 3, 3}, Storage::transient);
    const TensorId iy = test.input("dy", host(whole, {1, 11, 3, 3}));
    test.operation(OpKind::concat_backward, ConcatParams{{5, 6}, step.params}, {iy}, {da, db});
    const Dfp dx = naive::concat_backward(whole, {1, 11, 9}, 5, {1, 6, 9});
    const TensorId square = test.output("dd", host(naive::multiply(dx, dx, step), {1, 6, 3, 3}));
    test.operation(OpKind::multiply, step.params, {db, db}, {square});
    test.operation(OpKind::multiply, step.params, {da, da},
                   {test.unchecked("aa", ElementType::mantissa, {1, 5, 3, 3})});
    test.check();
}

/// Per-channel parameters of batch norm.
struct Channels {
    Reals gamma, beta, mean, var;
};

Channels channels(Random& random, std::size_t C) {
    Channels c{reals(random, C), reals(random, C), reals(random, C), reals(random, C)};
    for (float& v : c.var) v = std::fabs(v);
    c.gamma[0] = 0.0f;
    c.gamma[C / 2] = -1.5f;
    return c;
}

TEST(FastBatchNorm, ForwardFollowsTheContract) {
    Random random(12);
    std::vector<Shape> shapes = kShapes;
    shapes.push_back({5, 33});
    shapes.push_back({2, 3, 200, 190});  // more squares than INT32 halves hold
    for (const Shape& shape : shapes) {
        for (const int exponent : {-14, -126, 20}) {
            FastCase test;
            const Extent extent = extent_of(shape);
            const Shape per_channel = {shape[1]};
            const BatchNormParams params{.epsilon = 1e-5f, .momentum = 0.1f};
            Dfp x = mantissas(random, count_of(shape), exponent, 32767);
            for (std::size_t i = 0; i < x.m.size(); ++i) x.m[i] = extent.channel(i) == 2 ? 1234 : x.m[i];  // variance 0
            x.m[0] = -32768;
            const Channels c = channels(random, extent.C);
            const naive::BatchNorm expected = naive::batch_norm(x, c.gamma, c.beta, c.mean, c.var, params, extent);
            const TensorId ix = test.input("x", host(x, shape));
            const TensorId gamma = test.input("gamma", host(c.gamma, per_channel));
            const TensorId beta = test.input("beta", host(c.beta, per_channel));
            const TensorId mean = test.input("running_mean", host(c.mean, per_channel));
            const TensorId var = test.input("running_var", host(c.var, per_channel));
            const TensorId inference = test.output(
                "y2", host(naive::batch_norm_inference(x, c.gamma, c.beta, c.mean, c.var, params, extent), shape));
            test.operation(OpKind::batch_norm_inference, params, {ix, gamma, beta, mean, var}, {inference});
            const TensorId y = test.output("y", host(expected.y, shape));
            const TensorId batch_mean = test.output("mean", host(expected.mean, per_channel));
            const TensorId invstd = test.output("invstd", host(expected.invstd, per_channel));
            test.expect(mean, host(expected.running_mean, per_channel));
            test.expect(var, host(expected.running_var, per_channel));
            test.operation(OpKind::batch_norm_forward, params, {ix, gamma, beta, mean, var},
                           {y, batch_mean, invstd, mean, var});
            ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text();
        }
    }
}

TEST(FastBatchNorm, ForwardRejectsStatisticsBeyondFp32) {
    FastCase test;
    const Shape shape = {2, 17, 1, 3};
    Dfp x{std::vector<std::int64_t>(count_of(shape), 1), 60};
    x.m[50] = 32767;  // image 0, channel 16: a variance of about 2^148
    const Reals ones(17, 1.0f);
    const TensorId ix = test.input("x", host(x, shape));
    std::vector<TensorId> in = {ix};
    for (const char* name : {"gamma", "beta", "running_mean", "running_var"})
        in.push_back(test.input(name, host(ones, {17})));
    const TensorId y = test.unchecked("y", ElementType::fp32, shape);
    const TensorId mean = test.unchecked("mean", ElementType::fp32, {17});
    const TensorId invstd = test.unchecked("invstd", ElementType::fp32, {17});
    test.operation(OpKind::batch_norm_forward, BatchNormParams{}, in, {y, mean, invstd, in[3], in[4]});
    test.check_error({"layer.running_var", "variance", "index 16"});
}

TEST(FastBatchNorm, BackwardFollowsTheContract) {
    Random random(13);
    std::vector<Shape> shapes = kShapes;
    shapes.push_back({2, 3, 200, 190});  // more products than INT32 halves hold
    for (const Shape& shape : shapes) {
        for (const int exponent : {-14, -100, 20}) {
            FastCase test;
            const Extent extent = extent_of(shape);
            const Shape per_channel = {shape[1]};
            Dfp x = mantissas(random, count_of(shape), -13, 32767);
            Dfp dy = mantissas(random, count_of(shape), exponent, 32767);
            if (count_of(shape) > 100000) {  // products of -1: their lower halves are the largest
                x.m.assign(x.m.size(), 1);
                dy.m.assign(dy.m.size(), -1);
            }
            const Channels c = channels(random, extent.C);
            const naive::BatchNormBackward expected = naive::batch_norm_backward(x, dy, c.gamma, c.mean, c.var, extent);
            const TensorId ix = test.input("x", host(x, shape));
            const TensorId idy = test.input("dy", host(dy, shape));
            const TensorId gamma = test.input("gamma", host(c.gamma, per_channel));
            const TensorId mean = test.input("mean", host(c.mean, per_channel));
            const TensorId invstd = test.input("invstd", host(c.var, per_channel));
            const TensorId dx = test.output("dx", host(expected.dx, shape));
            const TensorId dgamma = test.output("dgamma", host(expected.dgamma, per_channel));
            const TensorId dbeta = test.output("dbeta", host(expected.dbeta, per_channel));
            test.operation(OpKind::batch_norm_backward, BatchNormParams{}, {ix, idy, gamma, mean, invstd},
                           {dx, dgamma, dbeta});
            ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text();
        }
    }
}

TEST(FastSoftmax, FollowsTheContract) {
    Random random(14);
    for (const std::int64_t N : {1, 2, 5, 64}) {
        for (const std::int64_t K : {1, 3, 10, 16, 17, 1000}) {
            for (const int exponent : {0, 4, 8, 127}) {
                for (const bool blocked : {false, true}) {
                    FastCase test;
                    const Shape shape = {N, K};
                    const auto classes = static_cast<std::size_t>(K);
                    const Reals z = reals(random, count_of(shape), exponent);
                    std::vector<std::int32_t> labels;
                    for (std::int64_t n = 0; n < N; ++n)
                        labels.push_back(static_cast<std::int32_t>(integer(random, 0, K - 1)));
                    const naive::Softmax expected = naive::softmax(z, labels, classes);
                    const TensorId iz = test.input("z", host(z, shape));
                    const TensorId il = test.input("labels", host_labels(labels));
                    const TensorId p = test.output("p", host(expected.p, shape));
                    const TensorId loss = test.output("loss", host(Reals{expected.loss}, {1}));
                    const LossParams loss_params{blocked ? 0.3f : 1.0f};
                    const TensorId dz = test.output(
                        "dz", host(naive::softmax_backward(expected.p, labels, classes, loss_params.weight), shape));
                    test.operation(OpKind::softmax_forward, NoParams{}, {iz, il}, {p, loss});
                    test.operation(OpKind::softmax_backward, loss_params, {p, il}, {dz});
                    if (blocked) test.make_blocked(iz);
                    if (blocked) test.make_blocked(dz);
                    ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text() << " exponent " << exponent;
                }
            }
        }
    }
}

TEST(FastSoftmax, RejectsLabelsAndValues) {
    for (const bool label : {true, false}) {
        FastCase test;
        const TensorId z = test.input("z", host(Reals{1, 2, 3, label ? 4 : INFINITY}, {2, 2}));
        const TensorId labels = test.input("labels", host_labels({0, label ? 2 : 1}));
        const TensorId p = test.unchecked("p", ElementType::fp32, {2, 2});
        test.operation(OpKind::softmax_forward, NoParams{}, {z, labels},
                       {p, test.unchecked("loss", ElementType::fp32, {1})});
        test.check_error({label ? "layer.labels" : "layer.z", label ? "index 1" : "index 3"});
    }
}

TEST(FastSgd, FollowsTheContract) {
    Random random(15);
    for (const Shape& shape : {Shape{1}, Shape{33}, Shape{7, 3, 3, 5}, Shape{100, 613}}) {
        FastCase test;
        const SgdParams params{.momentum = 0.9f, .weight_decay = 5e-4f};
        const Reals w = reals(random, count_of(shape));
        const Reals v = reals(random, count_of(shape), -4);
        const Reals dw = reals(random, count_of(shape), -8);
        const naive::Sgd expected = naive::sgd(w, v, dw, test.context.learning_rate, params);
        const TensorId iw = test.input("w", host(w, shape));
        const TensorId iv = test.input("v", host(v, shape));
        const TensorId idw = test.input("dw", host(dw, shape));
        test.expect(iw, host(expected.w, shape));
        test.expect(iv, host(expected.v, shape));
        test.operation(OpKind::sgd_update, params, {iw, iv, idw}, {iw, iv});
        ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text();
    }
}

// What is folded into a quantize gives the same bits as when it is written.

TEST(FastFusion, BiasReluQuantize) {
    Random random(16);
    for (const Shape& shape : kShapes) {
        for (const Rounding rounding : kRoundings) {
            for (const bool relu : {false, true}) {
                FastCase test;
                const Step step{test.context, {2, rounding, 21}};
                const Reals x = reals(random, count_of(shape));
                const Reals b = reals(random, count_of({shape[1]}));
                const Reals biased = naive::bias(x, b, extent_of(shape));
                const TensorId ix = test.input("x", host(x, shape));
                const TensorId ib = test.input("b", host(b, {shape[1]}));
                const TensorId y32 = test.unchecked("y32", ElementType::fp32, shape, Storage::transient);
                const TensorId r32 = test.unchecked("r32", ElementType::fp32, shape, Storage::transient);
                const TensorId y =
                    test.output("y", host(naive::quantize(relu ? naive::relu(biased) : biased, step), shape));
                test.operation(OpKind::bias_forward, NoParams{}, {ix, ib}, {y32});
                if (relu) test.operation(OpKind::relu_forward, NoParams{}, {y32}, {r32});
                test.operation(OpKind::quantize, step.params, {relu ? r32 : y32}, {y});
                ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text();
                ASSERT_NO_FATAL_FAILURE(test.check(true)) << shape.text();
            }
        }
    }
}

TEST(FastFusion, BatchNormReluQuantize) {
    Random random(17);
    for (const Shape& shape : kShapes) {
        for (const bool relu : {false, true}) {
            FastCase test;
            const Extent extent = extent_of(shape);
            const Shape per_channel = {shape[1]};
            const Step step{test.context, {2, Rounding::stochastic, 3}};
            const BatchNormParams params;
            const Dfp x = mantissas(random, count_of(shape), -10);
            const Channels c = channels(random, extent.C);
            const naive::BatchNorm bn = naive::batch_norm(x, c.gamma, c.beta, c.mean, c.var, params, extent);
            const TensorId ix = test.input("x", host(x, shape));
            std::vector<TensorId> in = {ix};
            for (const Reals* v : {&c.gamma, &c.beta, &c.mean, &c.var})
                in.push_back(test.input("c", host(*v, per_channel)));
            const TensorId y32 = test.unchecked("y32", ElementType::fp32, shape, Storage::transient);
            const TensorId r32 = test.unchecked("r32", ElementType::fp32, shape, Storage::transient);
            const TensorId mean = test.output("mean", host(bn.mean, per_channel));
            const TensorId invstd = test.output("invstd", host(bn.invstd, per_channel));
            test.operation(OpKind::batch_norm_forward, params, in, {y32, mean, invstd, in[3], in[4]});
            if (relu) test.operation(OpKind::relu_forward, NoParams{}, {y32}, {r32});
            const TensorId y = test.output("y", host(naive::quantize(relu ? naive::relu(bn.y) : bn.y, step), shape));
            test.operation(OpKind::quantize, step.params, {relu ? r32 : y32}, {y});
            ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text();
            ASSERT_NO_FATAL_FAILURE(test.check(true)) << shape.text();
        }
    }
}

TEST(FastFusion, BatchNormBackwardQuantize) {
    Random random(18);
    for (const Shape& shape : kShapes) {
        FastCase test;
        const Shape per_channel = {shape[1]};
        const Step step{test.context, {2, Rounding::nearest_even, 3}};
        const Dfp x = mantissas(random, count_of(shape), -13);
        const Dfp dy = mantissas(random, count_of(shape), -20);
        const Channels c = channels(random, extent_of(shape).C);
        const auto bn = naive::batch_norm_backward(x, dy, c.gamma, c.mean, c.var, extent_of(shape));
        const TensorId ix = test.input("x", host(x, shape));
        const TensorId idy = test.input("dy", host(dy, shape));
        std::vector<TensorId> in = {ix, idy};
        for (const Reals* v : {&c.gamma, &c.mean, &c.var}) in.push_back(test.input("c", host(*v, per_channel)));
        const TensorId dx32 = test.unchecked("dx32", ElementType::fp32, shape, Storage::transient);
        const TensorId dgamma = test.output("dgamma", host(bn.dgamma, per_channel));
        const TensorId dbeta = test.output("dbeta", host(bn.dbeta, per_channel));
        const TensorId dx = test.output("dx", host(naive::quantize(bn.dx, step), shape));
        test.operation(OpKind::batch_norm_backward, BatchNormParams{}, in, {dx32, dgamma, dbeta});
        test.operation(OpKind::quantize, step.params, {dx32}, {dx});
        ASSERT_NO_FATAL_FAILURE(test.check()) << shape.text();
        ASSERT_NO_FATAL_FAILURE(test.check(true)) << shape.text();
    }
}

TEST(FastFusion, KeepsWhatIsReadLate) {
    // A second transient is written between the bias and the quantize that evaluates it.
    FastCase test;
    Random random(20);
    const Shape shape = {2, 17, 5, 5};
    const Step step{test.context, {}};
    const Dfp m = mantissas(random, count_of(shape), -10);
    const Dfp other = mantissas(random, count_of(shape), 3);
    const Reals b = reals(random, 17);
    const TensorId im = test.input("m", host(m, shape));
    const TensorId io = test.input("other", host(other, shape));
    const TensorId ib = test.input("b", host(b, {17}));
    const TensorId x = test.unchecked("x", ElementType::fp32, shape, Storage::transient);
    const TensorId y32 = test.unchecked("y32", ElementType::fp32, shape, Storage::transient);
    const TensorId d = test.unchecked("d", ElementType::fp32, shape, Storage::transient);
    const TensorId q = test.output("q", host(naive::quantize(naive::dequantize(other), step), shape));
    const Reals biased = naive::bias(naive::dequantize(m), b, extent_of(shape));
    const TensorId y = test.output("y", host(naive::quantize(biased, step), shape));
    test.operation(OpKind::dequantize, NoParams{}, {im}, {x});
    test.operation(OpKind::bias_forward, NoParams{}, {x, ib}, {y32});
    test.operation(OpKind::dequantize, NoParams{}, {io}, {d});
    test.operation(OpKind::quantize, step.params, {d}, {q});
    test.operation(OpKind::quantize, step.params, {y32}, {y});
    test.make_blocked(q);
    test.check();
}

TEST(FastFusion, ReadsBeforeAnUpdateInPlace) {
    FastCase test;
    Random random(21);
    const Shape shape = {2, 17, 5, 5};
    const Step step{test.context, {}};
    const SgdParams params;
    const Reals x = reals(random, count_of(shape));
    const Reals dx = reals(random, count_of(shape));
    const Reals zeros(count_of(shape), 0.0f);
    const Reals b = reals(random, 17);
    const TensorId ix = test.input("x", host(x, shape));
    const TensorId iv = test.input("v", host(zeros, shape));
    const TensorId idx = test.input("dx", host(dx, shape));
    const TensorId ib = test.input("b", host(b, {17}));
    const TensorId y32 = test.unchecked("y32", ElementType::fp32, shape, Storage::transient);
    const TensorId y = test.output("y", host(naive::quantize(naive::bias(x, b, extent_of(shape)), step), shape));
    test.operation(OpKind::bias_forward, NoParams{}, {ix, ib}, {y32});
    test.operation(OpKind::sgd_update, params, {ix, iv, idx}, {ix, iv});  // x is blocked: converted there and back
    test.operation(OpKind::quantize, step.params, {y32}, {y});
    const naive::Sgd updated = naive::sgd(x, zeros, dx, test.context.learning_rate, params);
    test.expect(ix, host(updated.w, shape));
    test.expect(iv, host(updated.v, shape));
    test.check();
}

TEST(FastFusion, ErrorNamesTheTensorThatIsNeverWritten) {
    FastCase test;
    const Shape shape = {2, 17, 1, 3};
    Reals b(17, 0.0f);
    b[16] = INFINITY;
    const TensorId x = test.input("x", host(Reals(count_of(shape), 1.0f), shape));
    const TensorId ib = test.input("b", host(b, {17}));
    const TensorId y32 = test.unchecked("y32", ElementType::fp32, shape, Storage::transient);
    const TensorId y = test.unchecked("y", ElementType::mantissa, shape);
    test.operation(OpKind::bias_forward, NoParams{}, {x, ib}, {y32});
    test.operation(OpKind::quantize, RoundingParams{}, {y32}, {y});
    test.check_error({"layer.y32", "index 48", "(0,16,0,0)"});
}

// Storage.

TEST(FastPlan, TransientsShareMemoryAndAreReadOnlyWhenExposed) {
    FastCase test;
    Random random(19);
    const Shape shape = {2, 17, 5, 5};
    const Reals x = reals(random, count_of(shape));
    const RoundingParams params;
    TensorId value = test.input("x", host(x, shape));
    std::vector<TensorId> transients;
    Reals expected = x;
    for (int layer = 0; layer < 6; ++layer) {  // quantize, dequantize, quantize, ...: nothing to fold
        const Dfp q = naive::quantize(expected, {test.context, params});
        const TensorId mantissa = test.unchecked("q", ElementType::mantissa, shape, Storage::transient);
        test.operation(OpKind::quantize, params, {value}, {mantissa});
        expected = naive::dequantize(q);
        value = test.unchecked("d", ElementType::fp32, shape, Storage::transient);
        test.operation(OpKind::dequantize, NoParams{}, {mantissa}, {value});
        transients.push_back(value);
    }
    const TensorId y = test.output("y", host(naive::quantize(expected, {test.context, params}), shape));
    test.operation(OpKind::quantize, params, {value}, {y});
    test.make_blocked(y);
    ASSERT_NO_FATAL_FAILURE(test.check());
    ASSERT_NO_FATAL_FAILURE(test.check(true));
    const auto backend = fast::make_backend(fast::Isa::portable, 1);
    for (const bool expose : {false, true}) {
        const auto plan = backend->prepare(test.graph(), {.expose = expose});
        EXPECT_EQ(plan->readable(transients[2]), expose);
        EXPECT_TRUE(plan->readable(y));
    }
}

TEST(FastPlan, PaddingIsZeroInMemoryThatIsUsedAgain) {
    FastCase test;
    const Shape shape = {5, 17};
    const Step step{test.context, {}};
    const Reals z(count_of(shape), 1.0f);
    const std::vector<std::int32_t> labels(5, 0);
    const Dfp large{std::vector<std::int64_t>(16 * 32, 8191), 60};
    const TensorId im = test.input("m", host(large, {16, 32}));
    const TensorId iz = test.input("z", host(z, shape));
    const TensorId il = test.input("labels", host_labels(labels));
    const naive::Softmax softmax = naive::softmax(z, labels, 17);
    for (const bool backward : {false, true}) {
        const TensorId d = test.unchecked("d", ElementType::fp32, {16, 32}, Storage::transient);
        const TensorId q = test.output("q", host(naive::quantize(naive::dequantize(large), step), {16, 32}));
        test.operation(OpKind::dequantize, NoParams{}, {im}, {d});
        test.operation(OpKind::quantize, step.params, {d}, {q});
        const TensorId p = test.unchecked("p", ElementType::fp32, shape, Storage::transient);
        const TensorId loss = test.unchecked("loss", ElementType::fp32, {1});
        const TensorId dz = test.unchecked("dz", ElementType::fp32, shape, Storage::transient);
        test.operation(OpKind::softmax_forward, NoParams{}, {iz, il}, {p, loss});
        if (backward) test.operation(OpKind::softmax_backward, LossParams{}, {p, il}, {dz});
        const Reals expected = backward ? naive::softmax_backward(softmax.p, labels, 17) : softmax.p;
        const TensorId y = test.output("y", host(naive::quantize(expected, step), shape));
        test.operation(OpKind::quantize, step.params, {backward ? dz : p}, {y});
        test.make_blocked(y);
    }
    test.check();
}

TEST(FastPlan, EveryStepHasItsOwnMaximumAndExponent) {
    Random random(22);
    const Shape shape = {2, 17, 5, 5};
    HostTensor identity(ElementType::mantissa, {17, 17, 1, 1});
    for (std::size_t c = 0; c < 17; ++c) identity.mantissas()[18 * c].value = 1;
    const ConvParams pointwise{2, 17, 5, 5, 17, 1, 1, 5, 5, {1, 1}, {0, 0}, 1, {}};
    for (const Storage storage : {Storage::stored, Storage::transient}) {
        FastCase test;
        const Step step{test.context, {}};
        const TensorId x = test.unchecked("x", ElementType::mantissa, shape);
        const TensorId w = test.unchecked("w", ElementType::mantissa, {17, 17, 1, 1});
        const TensorId y = test.unchecked("y", ElementType::fp32, shape, storage);
        const TensorId yq = test.unchecked("yq", ElementType::mantissa, shape);
        test.operation(OpKind::conv_forward, pointwise, {x, w}, {y});
        test.operation(OpKind::quantize, step.params, {y}, {yq});
        for (const fast::Isa isa : fast::supported_isas()) {
            const auto plan = fast::make_backend(isa, 2)->prepare(test.graph(), {});
            plan->bind(w, identity);
            for (const auto& [exponent, limit] : {std::pair{0, 8191},
                                                  {-5, 8191},
                                                  {-5, 4000},
                                                  {-5, 9000},
                                                  {-5, 16000},
                                                  {-5, 8191},
                                                  {-5, 100},
                                                  {-5, 3},
                                                  {-5, 0},
                                                  {7, 32767},
                                                  {7, 1}}) {
                const Dfp m = mantissas(random, count_of(shape), exponent, limit);
                plan->bind(x, host(m, shape));
                plan->run_all(test.context);
                ASSERT_EQ(difference(plan->read(yq), host(naive::quantize(naive::dequantize(m), step), shape)), "")
                    << fast::name_of(isa) << ", exponent " << exponent << ", limit " << limit;
            }
        }
    }
}

TEST(FastPlan, BindChecksTypeAndShape) {
    FastCase test;
    const TensorId x = test.input("x", HostTensor(ElementType::fp32, {2, 3}));
    const TensorId y = test.unchecked("y", ElementType::mantissa, {2, 3});
    test.operation(OpKind::quantize, RoundingParams{}, {x}, {y});
    const auto backend = fast::make_backend(fast::Isa::portable, 1);
    EXPECT_EQ(backend->name(), "fast");
    EXPECT_EQ(backend->isa(), "portable");
    const auto plan = backend->prepare(test.graph(), {});
    EXPECT_THROW(plan->bind(x, HostTensor(ElementType::fp32, {3, 2})), InputError);
    EXPECT_THROW(plan->bind(x, HostTensor(ElementType::mantissa, {2, 3})), InputError);
    plan->bind(x, HostTensor(ElementType::fp32, {2, 3}));
}

TEST(FastPlan, RejectsFp32Graphs) {
    FastCase test;
    const TensorId x = test.input("x", HostTensor(ElementType::fp32, {2, 3}));
    test.operation(OpKind::quantize, RoundingParams{}, {x}, {test.unchecked("y", ElementType::fp32, {2, 3})});
    EXPECT_THROW(fast::make_backend(fast::Isa::portable, 1)->prepare(test.graph(), {}), InputError);
}

}  // namespace
}  // namespace dfp16::test
