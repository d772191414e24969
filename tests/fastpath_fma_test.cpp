// Sums of FP32 products (policy fma) against chains written here straight from the contract (sections 5 and 7), output
// by output: every ISA of this CPU, at 1, 2 and 3 threads. Bits are compared.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/fastpath_case.h"

namespace dfp16::test {
namespace {

using naive::Reals;
using Random = std::mt19937_64;

constexpr Accumulation kFma{Policy::fma, 64};

struct Geometry {
    std::int64_t N, C, H, W, K, R, S, sh, sw, ph, pw, groups;
};

ConvParams conv_of(const Geometry& g) {
    return {g.N,
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
            kFma};
}

/// Tensors of a convolution, in logical order.
struct Conv {
    ConvParams v;
    Reals x, w, dy;

    std::int64_t Cg() const { return v.C / v.groups; }
    std::int64_t Kg() const { return v.K / v.groups; }
    Shape x_shape() const { return {v.N, v.C, v.H, v.W}; }
    Shape w_shape() const { return {v.K, Cg(), v.R, v.S}; }
    Shape y_shape() const { return {v.N, v.K, v.P, v.Q}; }
};

float at(const Reals& tensor, const Shape& shape, std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    return tensor[static_cast<std::size_t>(((a * shape[1] + b) * shape[2] + c) * shape[3] + d)];
}

/// Calls visit(a, b, c, d) for every index of the shape, in row-major order.
template <typename Visit>
void for_indices(const Shape& shape, const Visit& visit) {
    for (std::int64_t a = 0; a < shape[0]; ++a)
        for (std::int64_t b = 0; b < shape[1]; ++b)
            for (std::int64_t c = 0; c < shape[2]; ++c)
                for (std::int64_t d = 0; d < shape[3]; ++d) visit(a, b, c, d);
}

bool within(std::int64_t i, std::int64_t size) {
    return i >= 0 && i < size;
}

Reals forward(const Conv& t) {
    const ConvParams& v = t.v;
    Reals y;
    for_indices(t.y_shape(), [&](std::int64_t n, std::int64_t k, std::int64_t p, std::int64_t q) {
        float acc = 0.0f;
        for (std::int64_t block = 0; block < t.Cg(); block += 16)
            for (std::int64_t r = 0; r < v.R; ++r)
                for (std::int64_t s = 0; s < v.S; ++s) {
                    const std::int64_t h = p * v.stride[0] - v.pad[0] + r;
                    const std::int64_t w = q * v.stride[1] - v.pad[1] + s;
                    if (!within(h, v.H) || !within(w, v.W)) continue;
                    for (std::int64_t c = block; c < std::min(block + 16, t.Cg()); ++c) {
                        acc = std::fma(at(t.x, t.x_shape(), n, k / t.Kg() * t.Cg() + c, h, w),
                                       at(t.w, t.w_shape(), k, c, r, s), acc);
                    }
                }
        y.push_back(acc);
    });
    return y;
}

/// The output that takes input i through the tap; -1 if there is none.
std::int64_t output_through(std::int64_t i, std::int64_t tap, std::int64_t outputs, std::int64_t stride,
                            std::int64_t pad) {
    for (std::int64_t p = 0; p < outputs; ++p) {
        if (p * stride - pad + tap == i) return p;
    }
    return -1;
}

Reals backward_data(const Conv& t) {
    const ConvParams& v = t.v;
    Reals dx;
    for_indices(t.x_shape(), [&](std::int64_t n, std::int64_t c, std::int64_t i, std::int64_t j) {
        float acc = 0.0f;
        const std::int64_t first = c / t.Cg() * t.Kg();
        for (std::int64_t block = 0; block < t.Kg(); block += 16)
            for (std::int64_t r = 0; r < v.R; ++r)
                for (std::int64_t s = 0; s < v.S; ++s) {
                    const std::int64_t p = output_through(i, r, v.P, v.stride[0], v.pad[0]);
                    const std::int64_t q = output_through(j, s, v.Q, v.stride[1], v.pad[1]);
                    if (p < 0 || q < 0) continue;
                    for (std::int64_t k = block; k < std::min(block + 16, t.Kg()); ++k) {
                        acc = std::fma(at(t.dy, t.y_shape(), n, first + k, p, q),
                                       at(t.w, t.w_shape(), first + k, c % t.Cg(), r, s), acc);
                    }
                }
        dx.push_back(acc);
    });
    return dx;
}

Reals weight_gradient(const Conv& t) {
    const ConvParams& v = t.v;
    Reals dw;
    for_indices(t.w_shape(), [&](std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) {
        float acc = 0.0f;
        for (std::int64_t n = 0; n < v.N; ++n)
            for (std::int64_t p = 0; p < v.P; ++p)
                for (std::int64_t q = 0; q < v.Q; ++q) {
                    const std::int64_t h = p * v.stride[0] - v.pad[0] + r;
                    const std::int64_t w = q * v.stride[1] - v.pad[1] + s;
                    if (!within(h, v.H) || !within(w, v.W)) continue;
                    acc = std::fma(at(t.dy, t.y_shape(), n, k, p, q),
                                   at(t.x, t.x_shape(), n, k / t.Kg() * t.Cg() + c, h, w), acc);
                }
        dw.push_back(acc);
    });
    return dw;
}

enum class Data { ordinary, tiny, zeros };

/// ordinary: a few binades; tiny: products that underflow, so that sums are zeros of either sign; zeros: many of them.
Reals reals(Random& random, std::int64_t count, Data data) {
    Reals x;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto m = static_cast<float>(static_cast<std::int64_t>(random() % 0x2000001) - 0x1000000);
        const int exponent = data == Data::tiny ? -100 : -24 - static_cast<int>(random() % 6);
        x.push_back(data == Data::zeros && random() % 3 ? (random() % 2 ? 0.0f : -0.0f) : std::ldexp(m, exponent));
    }
    return x;
}

void check_conv(const Geometry& g, Data data, std::uint64_t seed) {
    Random random(seed);
    Conv t{conv_of(g), {}, {}, {}};
    t.x = reals(random, t.x_shape().elements(), data);
    t.w = reals(random, t.w_shape().elements(), data);
    t.dy = reals(random, t.y_shape().elements(), data);
    FastCase test;
    const TensorId x = test.input("x", host(t.x, t.x_shape()));
    const TensorId w = test.input("w", host(t.w, t.w_shape()));
    const TensorId dy = test.input("dy", host(t.dy, t.y_shape()));
    test.operation(OpKind::conv_forward, t.v, {x, w}, {test.output("y", host(forward(t), t.y_shape()))});
    test.operation(OpKind::conv_backward_data, t.v, {dy, w}, {test.output("dx", host(backward_data(t), t.x_shape()))});
    test.operation(OpKind::conv_weight_gradient, t.v, {x, dy},
                   {test.output("dw", host(weight_gradient(t), t.w_shape()))});
    test.check();
}

//                     N   C   H   W   K  R  S sh sw ph pw G
const Geometry kCorners[] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1},       // one product
    {2, 16, 4, 15, 32, 1, 1, 1, 1, 0, 0, 1},    // pixel by pixel
    {1, 3, 5, 5, 5, 1, 1, 2, 2, 0, 0, 1},       // pixels of dx that no tap reaches
    {1, 17, 6, 7, 33, 3, 3, 1, 1, 1, 1, 1},     // odd channel counts
    {2, 33, 5, 9, 17, 3, 2, 2, 1, 1, 0, 1},     // unequal strides and padding
    {1, 4, 3, 3, 6, 5, 5, 1, 1, 2, 2, 1},       // window larger than the input
    {1, 5, 2, 2, 3, 2, 2, 1, 1, 3, 4, 1},       // padding beyond the window
    {2, 6, 7, 7, 9, 3, 3, 2, 2, 1, 1, 3},       // groups that straddle blocks
    {1, 32, 5, 6, 64, 3, 3, 1, 1, 1, 1, 2},     // groups that are blocks
    {1, 5, 6, 6, 5, 3, 3, 1, 1, 1, 1, 5},       // depthwise
    {2, 3, 35, 31, 20, 11, 11, 4, 4, 0, 0, 1},  // a first layer
    {1, 3, 17, 19, 16, 7, 7, 2, 2, 3, 3, 1},    // another
    {1, 2, 9, 11, 4, 3, 4, 3, 2, 0, 1, 1},      // strides beyond one
    {1, 2, 8, 8, 2, 2, 2, 3, 4, 0, 0, 1},       // strides beyond the window
    {9, 40, 3, 3, 18, 3, 3, 1, 1, 1, 1, 1},     // pixels of several images in a tile
    {3, 2, 1, 5, 3, 1, 5, 1, 1, 0, 4, 1},       // one row
    {1, 1, 1, 1, 2, 1, 1, 2, 2, 1, 1, 1},       // every output on padding
};

TEST(FastFma, ConvolutionCorners) {
    std::uint64_t seed = 1;
    for (const Geometry& g : kCorners) {
        for (const Data data : {Data::ordinary, Data::tiny, Data::zeros}) {
            SCOPED_TRACE("seed " + std::to_string(seed));
            ASSERT_NO_FATAL_FAILURE(check_conv(g, data, seed++));
        }
    }
}

TEST(FastFma, ConvolutionRandom) {
    Random random(2027);
    const auto draw = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    for (int cases = 0; cases < 60;) {
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
        SCOPED_TRACE("case " + std::to_string(cases));
        ASSERT_NO_FATAL_FAILURE(check_conv(g, cases % 3 == 0 ? Data::tiny : Data::ordinary, random()));
        ++cases;
    }
}

// Products on padding are left out, not multiplied by zero: this weight meets nothing else.
TEST(FastFma, TapsOnPaddingAreLeftOut) {
    for (const float odd : {INFINITY, NAN}) {
        const Geometry g{1, 2, 1, 4, 3, 3, 1, 1, 1, 1, 0, 1};
        Conv t{conv_of(g), {}, {}, {}};
        Random random(3);
        t.x = reals(random, t.x_shape().elements(), Data::ordinary);
        t.dy = reals(random, t.y_shape().elements(), Data::ordinary);
        for_indices(t.w_shape(), [&](std::int64_t, std::int64_t, std::int64_t r, std::int64_t) {
            t.w.push_back(r == 1 ? 0.75f : odd);
        });
        FastCase test;
        const TensorId x = test.input("x", host(t.x, t.x_shape()));
        const TensorId w = test.input("w", host(t.w, t.w_shape()));
        const TensorId dy = test.input("dy", host(t.dy, t.y_shape()));
        test.operation(OpKind::conv_forward, t.v, {x, w}, {test.output("y", host(forward(t), t.y_shape()))});
        test.operation(OpKind::conv_backward_data, t.v, {dy, w},
                       {test.output("dx", host(backward_data(t), t.x_shape()))});
        ASSERT_NO_FATAL_FAILURE(test.check());
    }
}

/// a (M, D) times b (D, N), also as the three passes of a fully connected layer.
void check_matrices(std::int64_t M, std::int64_t N, std::int64_t D, Data data, std::uint64_t seed) {
    Random random(seed);
    const auto place = [](std::int64_t i) { return static_cast<std::size_t>(i); };
    const Reals a = reals(random, M * D, data);
    const Reals b = reals(random, D * N, data);
    Reals product;
    for (std::int64_t m = 0; m < M; ++m) {
        for (std::int64_t n = 0; n < N; ++n) {
            float acc = 0.0f;
            for (std::int64_t d = 0; d < D; ++d) acc = std::fma(a[place(m * D + d)], b[place(d * N + n)], acc);
            product.push_back(acc);
        }
    }
    const auto transposed = [&](const Reals& from, std::int64_t rows, std::int64_t columns) {
        Reals to(from.size());
        for (std::int64_t i = 0; i < rows * columns; ++i) to[place(i % columns * rows + i / columns)] = from[place(i)];
        return to;
    };
    FastCase test;
    const TensorId ia = test.input("a", host(a, {M, D}));
    const TensorId ib = test.input("b", host(b, {D, N}));
    const TensorId ia_turned = test.input("at", host(transposed(a, M, D), {D, M}));
    const TensorId ib_turned = test.input("bt", host(transposed(b, D, N), {N, D}));
    const auto result = [&] { return test.output("c", host(product, {M, N})); };
    test.operation(OpKind::gemm, GemmParams{M, N, D, kFma}, {ia, ib}, {result()});
    test.operation(OpKind::fc_forward, FcParams{M, D, N, kFma}, {ia, ib_turned}, {result()});
    test.operation(OpKind::fc_backward_data, FcParams{M, N, D, kFma}, {ia, ib}, {result()});
    test.operation(OpKind::fc_weight_gradient, FcParams{D, N, M, kFma}, {ib, ia_turned}, {result()});
    test.check();
}

TEST(FastFma, Matrices) {
    std::uint64_t seed = 1;
    for (const auto& [M, N, D] : std::vector<std::array<std::int64_t, 3>>{{1, 1, 1},
                                                                          {1, 2, 3},
                                                                          {3, 5, 7},
                                                                          {14, 32, 16},
                                                                          {15, 33, 17},
                                                                          {5, 70, 333},
                                                                          {64, 10, 50},
                                                                          {131, 18, 257},
                                                                          {300, 150, 9},
                                                                          {7, 260, 600}}) {
        for (const Data data : {Data::ordinary, Data::tiny}) {
            SCOPED_TRACE(std::to_string(M) + "x" + std::to_string(N) + "x" + std::to_string(D));
            ASSERT_NO_FATAL_FAILURE(check_matrices(M, N, D, data, seed++));
        }
    }
}

// A fully connected layer that follows images takes their elements channel by channel.
TEST(FastFma, FullyConnectedOnImages) {
    Random random(5);
    const Shape shape = {3, 18, 2, 3};
    const Reals x = reals(random, shape.elements(), Data::ordinary);
    const Reals w = reals(random, 5 * 108, Data::ordinary);
    Reals y;
    for (std::size_t n = 0; n < 3; ++n) {
        for (std::size_t k = 0; k < 5; ++k) {
            float acc = 0.0f;
            for (std::size_t c = 0; c < 108; ++c) acc = std::fma(x[n * 108 + c], w[k * 108 + c], acc);
            y.push_back(acc);
        }
    }
    FastCase test;
    const TensorId ix = test.input("x", host(x, shape));
    const TensorId iw = test.input("w", host(w, {5, 108}));
    test.operation(OpKind::fc_forward, FcParams{3, 108, 5, kFma}, {ix, iw}, {test.output("y", host(y, {3, 5}))});
    test.make_blocked(ix);
    test.check();
}

TEST(FastFma, NamesTheResultThatIsNotFinite) {
    for (const float large : {1e30f, INFINITY, NAN}) {
        FastCase test;
        Reals x(2 * 17 * 6, 0.0f);
        x[17 * 6 + 16 * 6 + 5] = large;  // image 1, channel 16, pixel (1, 2)
        Reals w(2 * 17, 0.5f);
        w[17 + 16] = 1e30f;
        w[16] = std::isfinite(large) ? 1.0f : 1e30f;
        const ConvParams conv = conv_of({2, 17, 2, 3, 2, 1, 1, 1, 1, 0, 0, 1});
        test.operation(OpKind::conv_forward, conv,
                       {test.input("x", host(x, {2, 17, 2, 3})), test.input("w", host(w, {2, 17, 1, 1}))},
                       {test.unchecked("y", ElementType::fp32, {2, 2, 2, 3})});
        test.check_error({"layer.y: y " + std::string(std::isfinite(large) ? "(1,1,1,2)" : "(1,0,1,2)"),
                          std::isnan(large) ? "not a number" : "beyond FP32"});
    }
}

// A layer in FP32: forward, bias and ReLU; backward with FP32 gradients.
TEST(FastFma, LayerKeptInFp32) {
    Random random(6);
    Conv t{conv_of({2, 3, 9, 9, 18, 3, 3, 2, 2, 0, 0, 1}), {}, {}, {}};
    t.x = reals(random, t.x_shape().elements(), Data::ordinary);
    t.w = reals(random, t.w_shape().elements(), Data::ordinary);
    const Reals b = reals(random, 18, Data::ordinary);
    const Reals dy = reals(random, t.y_shape().elements(), Data::ordinary);
    const naive::Extent extent{2, 18, 16};
    const Reals activated = naive::relu(naive::bias(forward(t), b, extent));
    FastCase test;
    const naive::Step step{test.context, {}};
    const naive::Dfp quantized = naive::quantize(activated, step);
    t.dy = naive::relu_backward(dy, quantized.m);
    const TensorId x = test.input("x", host(t.x, t.x_shape()));
    const TensorId w = test.input("w", host(t.w, t.w_shape()));
    const TensorId ib = test.input("b", host(b, {18}));
    const TensorId idy = test.input("dy", host(dy, t.y_shape()));
    const TensorId sum = test.unchecked("sum", ElementType::fp32, t.y_shape(), Storage::transient);
    const TensorId biased = test.unchecked("biased", ElementType::fp32, t.y_shape(), Storage::transient);
    const TensorId active = test.output("active", host(activated, t.y_shape()));
    const TensorId y = test.output("y", host(quantized, t.y_shape()));
    const TensorId masked = test.unchecked("masked", ElementType::fp32, t.y_shape(), Storage::transient);
    test.operation(OpKind::conv_forward, t.v, {x, w}, {sum});
    test.operation(OpKind::bias_forward, NoParams{}, {sum, ib}, {biased});
    test.operation(OpKind::relu_forward, NoParams{}, {biased}, {active});
    test.operation(OpKind::quantize, step.params, {active}, {y});
    test.operation(OpKind::relu_backward, NoParams{}, {idy, y}, {masked});
    test.operation(OpKind::conv_weight_gradient, t.v, {x, masked},
                   {test.output("dw", host(weight_gradient(t), t.w_shape()))});
    test.operation(OpKind::bias_gradient, NoParams{}, {masked},
                   {test.output("db", host(naive::bias_gradient(t.dy, extent), {18}))});
    ASSERT_NO_FATAL_FAILURE(test.check());
    ASSERT_NO_FATAL_FAILURE(test.check(true));
}

}  // namespace
}  // namespace dfp16::test
