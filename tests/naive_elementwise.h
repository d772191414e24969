// The contract's operations that are not sums of products, written down as plainly as the contract (docs/contract.md)
// states them, on tensors in logical order; for tests of the fast path. Shares nothing with sim/ or fastpath/.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "reference/interface/backend.h"
#include "reference/interface/operation.h"
#include "sim/philox.h"

namespace dfp16::test::naive {

struct Dfp {
    std::vector<std::int64_t> m;
    int e = 0;
};

using Reals = std::vector<float>;

struct Step {
    RunContext context;
    RoundingParams params;

    std::uint32_t word(Purpose purpose, std::size_t i) const {
        return RandomStream{context.seed, context.step, purpose, params.tensor}.word(i);
    }
};

/// Section 3. v holds the real number without loss.
inline std::int64_t round(double v, Rounding mode, std::uint32_t r) {
    const double f = std::floor(std::fabs(v));
    const double fraction = std::fabs(v) - f;
    auto magnitude = static_cast<std::int64_t>(f);
    switch (mode) {
        case Rounding::nearest_even:
            if (fraction > 0.5 || (fraction == 0.5 && magnitude % 2 == 1)) ++magnitude;
            break;
        case Rounding::toward_zero: break;
        case Rounding::stochastic:
            if (static_cast<double>(r) < std::floor(fraction * 0x1p32)) ++magnitude;
            break;
    }
    return v < 0 ? -magnitude : magnitude;
}

inline std::int64_t bound(int headroom) {
    return (std::int64_t{1} << (15 - headroom)) - 1;
}

inline int bitlen(std::int64_t n) {
    int bits = 0;
    for (std::int64_t magnitude = std::llabs(n); magnitude > 0; magnitude /= 2) ++bits;
    return bits;
}

// Section 6.

inline Dfp quantize(const Reals& x, const Step& step) {
    double largest = 0;
    for (const float v : x) largest = std::max(largest, std::fabs(double{v}));
    Dfp y;
    y.e = largest == 0 ? -126 : std::max(std::ilogb(largest) - (14 - step.params.headroom), -126);
    const std::int64_t limit = bound(step.params.headroom);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double v = std::ldexp(double{x[i]}, -y.e);
        y.m.push_back(std::clamp(round(v, step.params.rounding, step.word(Purpose::quantize, i)), -limit, limit));
    }
    return y;
}

inline Reals dequantize(const Dfp& x) {
    Reals y;
    for (const std::int64_t m : x.m) y.push_back(static_cast<float>(std::ldexp(static_cast<double>(m), x.e)));
    return y;
}

inline Dfp down_convert(const std::vector<std::int64_t>& v, int e, const Step& step) {
    std::int64_t largest = 0;
    for (const std::int64_t value : v) largest = std::max<std::int64_t>(largest, std::llabs(value));
    if (largest == 0) return {std::vector<std::int64_t>(v.size(), 0), -126};
    const int shift = std::max({0, bitlen(largest) - (15 - step.params.headroom), -126 - e});
    const std::int64_t limit = bound(step.params.headroom);
    Dfp y;
    y.e = e + shift;
    for (std::size_t i = 0; i < v.size(); ++i) {
        const double scaled = std::ldexp(static_cast<double>(v[i]), -shift);
        y.m.push_back(
            std::clamp(round(scaled, step.params.rounding, step.word(Purpose::down_convert, i)), -limit, limit));
    }
    return y;
}

inline Dfp multiply(const Dfp& a, const Dfp& b, const Step& step) {
    std::vector<std::int64_t> v;
    for (std::size_t i = 0; i < a.m.size(); ++i) v.push_back(a.m[i] * b.m[i]);
    return down_convert(v, a.e + b.e, step);
}

inline Dfp add(const Dfp& a, const Dfp& b, bool relu, const Step& step) {
    const int e = std::max(a.e, b.e);
    const auto align = [&](const Dfp& x, std::size_t i) {
        if (x.e == e) return x.m[i];
        return round(std::ldexp(static_cast<double>(x.m[i]), x.e - e), step.params.rounding,
                     step.word(Purpose::align, i));
    };
    std::vector<std::int64_t> v;
    for (std::size_t i = 0; i < a.m.size(); ++i) {
        const std::int64_t sum = align(a, i) + align(b, i);
        v.push_back(relu && sum < 0 ? 0 : sum);
    }
    return down_convert(v, e, step);
}

// Section 1.

template <typename Value>
Value tree(std::vector<Value> v) {
    while (v.size() > 1) {
        std::vector<Value> next;
        for (std::size_t i = 0; i + 1 < v.size(); i += 2) next.push_back(v[i] + v[i + 1]);
        if (v.size() % 2 == 1) next.push_back(v.back());
        v = next;
    }
    return v[0];
}

// Section 8. Shapes are (N, C, HW).

struct Extent {
    std::size_t N, C, HW;
    std::size_t channel(std::size_t i) const { return i / HW % C; }
    std::size_t index(std::size_t n, std::size_t c, std::size_t pixel) const { return (n * C + c) * HW + pixel; }
};

inline Reals bias(const Reals& x, const Reals& b, const Extent& extent) {
    Reals y;
    for (std::size_t i = 0; i < x.size(); ++i) y.push_back(x[i] + b[extent.channel(i)]);
    return y;
}

inline Reals bias_gradient(const Dfp& dy, const Extent& extent) {
    std::vector<std::int64_t> sums(extent.C, 0);
    for (std::size_t i = 0; i < dy.m.size(); ++i) sums[extent.channel(i)] += dy.m[i];
    Reals db;
    for (const std::int64_t sum : sums) db.push_back(static_cast<float>(std::ldexp(static_cast<double>(sum), dy.e)));
    return db;
}

inline Reals bias_gradient(const Reals& dy, const Extent& extent) {
    Reals db;
    for (std::size_t c = 0; c < extent.C; ++c) {
        Reals images(extent.N, 0.0f);
        for (std::size_t n = 0; n < extent.N; ++n) {
            for (std::size_t pixel = 0; pixel < extent.HW; ++pixel)
                images[n] = images[n] + dy[extent.index(n, c, pixel)];
        }
        db.push_back(tree(images));
    }
    return db;
}

inline Reals relu(const Reals& x) {
    Reals y;
    for (const float v : x) y.push_back(v > 0 ? v : 0.0f);
    return y;
}

inline Dfp relu(const Dfp& x) {
    Dfp y = x;
    for (std::int64_t& m : y.m) m = std::max<std::int64_t>(m, 0);
    return y;
}

template <typename Output>
Reals relu_backward(const Reals& dy, const std::vector<Output>& y) {
    Reals dx = dy;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (!(y[i] > 0)) dx[i] = 0.0f;
    }
    return dx;
}

template <typename Output>
Dfp relu_backward(const Dfp& dy, const std::vector<Output>& y) {
    Dfp dx = dy;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (!(y[i] > 0)) dx.m[i] = 0;
    }
    return dx;
}

/// Calls visit(n, c, p, q, i, j) for every element (i, j) that exists of every window (p, q), by r, then s.
template <typename Visit>
void for_windows(const PoolParams& g, const Visit& visit) {
    for (std::int64_t n = 0; n < g.N; ++n)
        for (std::int64_t c = 0; c < g.C; ++c)
            for (std::int64_t p = 0; p < g.P; ++p)
                for (std::int64_t q = 0; q < g.Q; ++q)
                    for (std::int64_t r = 0; r < g.R; ++r)
                        for (std::int64_t s = 0; s < g.S; ++s) {
                            const std::int64_t i = p * g.stride[0] - g.pad[0] + r;
                            const std::int64_t j = q * g.stride[1] - g.pad[1] + s;
                            if (i < 0 || i >= g.H || j < 0 || j >= g.W) continue;
                            visit(static_cast<std::size_t>(((n * g.C + c) * g.P + p) * g.Q + q),
                                  static_cast<std::size_t>(((n * g.C + c) * g.H + i) * g.W + j));
                        }
}

/// The index in x of each window's first largest element.
inline std::vector<std::size_t> largest_places(const Dfp& x, const PoolParams& g) {
    constexpr auto kNone = static_cast<std::size_t>(-1);
    std::vector<std::size_t> places(static_cast<std::size_t>(g.N * g.C * g.P * g.Q), kNone);
    for_windows(g, [&](std::size_t window, std::size_t element) {
        if (places[window] == kNone || x.m[element] > x.m[places[window]]) places[window] = element;
    });
    return places;
}

inline Dfp max_pool(const Dfp& x, const PoolParams& g) {
    Dfp y{{}, x.e};
    for (const std::size_t place : largest_places(x, g)) y.m.push_back(x.m[place]);
    return y;
}

inline Dfp max_pool_backward(const Dfp& x, const Dfp& dy, const PoolParams& g, const Step& step) {
    std::vector<std::int64_t> dx(x.m.size(), 0);
    const std::vector<std::size_t> places = largest_places(x, g);
    for (std::size_t window = 0; window < places.size(); ++window) dx[places[window]] += dy.m[window];
    return down_convert(dx, dy.e, step);
}

/// Positions of a window within the padded plane.
inline float window_positions(const PoolParams& g, std::int64_t p, std::int64_t q) {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    for (std::int64_t r = 0; r < g.R; ++r) rows += p * g.stride[0] + r < g.H + 2 * g.pad[0];
    for (std::int64_t s = 0; s < g.S; ++s) columns += q * g.stride[1] + s < g.W + 2 * g.pad[1];
    return static_cast<float>(rows * columns);
}

inline float window_positions(const PoolParams& g, std::size_t window) {
    const auto pixel = static_cast<std::int64_t>(window) % (g.P * g.Q);
    return window_positions(g, pixel / g.Q, pixel % g.Q);
}

inline float value(std::int64_t m, int e) {
    return static_cast<float>(std::ldexp(static_cast<double>(m), e));
}

inline Reals average_pool(const Dfp& x, const PoolParams& g) {
    std::vector<std::int64_t> sums(static_cast<std::size_t>(g.N * g.C * g.P * g.Q), 0);
    for_windows(g, [&](std::size_t window, std::size_t element) { sums[window] += x.m[element]; });
    Reals y;
    for (std::size_t i = 0; i < sums.size(); ++i) y.push_back(value(sums[i], x.e) / window_positions(g, i));
    return y;
}

inline Reals average_pool_backward(const Dfp& dy, const PoolParams& g) {
    const auto elements = static_cast<std::size_t>(g.N * g.C * g.H * g.W);
    std::vector<std::int64_t> sums(elements, 0);
    Reals dx(elements, 0.0f);
    if (g.size == SizeRounding::ceil) {
        for_windows(g, [&](std::size_t window, std::size_t element) {
            dx[element] = dx[element] + value(dy.m[window], dy.e) / window_positions(g, window);
        });
        return dx;
    }
    for_windows(g, [&](std::size_t window, std::size_t element) { sums[element] += dy.m[window]; });
    for (std::size_t i = 0; i < elements; ++i) dx[i] = value(sums[i], dy.e) / static_cast<float>(g.R * g.S);
    return dx;
}

/// s of the contract, for the element of channel c.
inline float lrn_sum(const Dfp& x, const LrnParams& params, const Extent& extent, std::size_t n, std::size_t c,
                     std::size_t pixel) {
    const auto reach = static_cast<std::int64_t>((params.size - 1) / 2);
    std::int64_t S = 0;
    for (std::int64_t k = static_cast<std::int64_t>(c) - reach; k <= static_cast<std::int64_t>(c) + reach; ++k) {
        if (k < 0 || k >= static_cast<std::int64_t>(extent.C)) continue;
        const std::int64_t m = x.m[extent.index(n, static_cast<std::size_t>(k), pixel)];
        S += m * m;
    }
    const float a = params.alpha / static_cast<float>(params.size);
    return std::fma(a, value(S, 2 * x.e), params.k);
}

inline float lrn_denominator(float s) {
    return std::sqrt(s) * std::sqrt(std::sqrt(s));
}

/// Calls visit(index, n, c, pixel) for every element.
template <typename Visit>
void for_elements(const Extent& extent, const Visit& visit) {
    for (std::size_t n = 0; n < extent.N; ++n)
        for (std::size_t c = 0; c < extent.C; ++c)
            for (std::size_t pixel = 0; pixel < extent.HW; ++pixel) visit(extent.index(n, c, pixel), n, c, pixel);
}

inline Reals lrn(const Dfp& x, const LrnParams& params, const Extent& extent) {
    Reals y;
    for_elements(extent, [&](std::size_t i, std::size_t n, std::size_t c, std::size_t pixel) {
        y.push_back(value(x.m[i], x.e) / lrn_denominator(lrn_sum(x, params, extent, n, c, pixel)));
    });
    return y;
}

inline Reals lrn_backward(const Dfp& x, const Dfp& dy, const LrnParams& params, const Extent& extent) {
    Reals t;
    Reals d;
    for_elements(extent, [&](std::size_t i, std::size_t n, std::size_t c, std::size_t pixel) {
        const float s = lrn_sum(x, params, extent, n, c, pixel);
        d.push_back(lrn_denominator(s));
        const float product = value(dy.m[i], dy.e) * value(x.m[i], x.e);
        t.push_back(product / (d.back() * s));
    });
    Reals dx;
    const auto reach = static_cast<std::size_t>((params.size - 1) / 2);
    const float a = params.alpha / static_cast<float>(params.size);
    const float b = 1.5f * a;
    for_elements(extent, [&](std::size_t i, std::size_t n, std::size_t c, std::size_t pixel) {
        float u = 0.0f;
        for (std::size_t k = c > reach ? c - reach : 0; k < extent.C && k <= c + reach; ++k) {
            u = u + t[extent.index(n, k, pixel)];
        }
        const float bX = b * value(x.m[i], x.e);
        dx.push_back(std::fma(-bX, u, value(dy.m[i], dy.e) / d[i]));
    });
    return dx;
}

inline Reals dropout(const Dfp& x, const DropoutParams& params, const RunContext& context) {
    const RandomStream random{context.seed, context.step, Purpose::dropout, params.tensor};
    const double limit = std::floor(std::ldexp(double{params.rate}, 32));
    const float keep = 1.0f - params.rate;
    const float gain = 1.0f / keep;
    Reals y;
    for (std::size_t i = 0; i < x.m.size(); ++i) {
        y.push_back(static_cast<double>(random.word(i)) >= limit ? value(x.m[i], x.e) * gain : 0.0f);
    }
    return y;
}

/// Parts of (N, Ci, HW).
inline Dfp concat(const std::vector<Dfp>& parts, const std::vector<Extent>& extents, const Step& step) {
    Dfp y{{}, parts[0].e};
    for (const Dfp& part : parts) y.e = std::max(y.e, part.e);
    for (std::size_t n = 0; n < extents[0].N; ++n) {
        for (std::size_t part = 0; part < parts.size(); ++part) {
            const std::size_t image = extents[part].C * extents[part].HW;
            for (std::size_t i = n * image; i < (n + 1) * image; ++i) {
                const std::int64_t m = parts[part].m[i];
                const double scaled = std::ldexp(static_cast<double>(m), parts[part].e - y.e);
                const std::uint32_t word = step.word(Purpose::align, y.m.size());
                y.m.push_back(parts[part].e == y.e ? m : round(scaled, step.params.rounding, word));
            }
        }
    }
    return y;
}

/// Channels first .. first + part.C - 1.
inline Dfp concat_backward(const Dfp& dy, const Extent& whole, std::size_t first, const Extent& part) {
    Dfp dx{{}, dy.e};
    for_elements(part, [&](std::size_t, std::size_t n, std::size_t c, std::size_t pixel) {
        dx.m.push_back(dy.m[whole.index(n, first + c, pixel)]);
    });
    return dx;
}

// Section 9.

struct BatchNorm {
    Reals y, mean, invstd, running_mean, running_var;
};

inline Reals normalize(const Reals& x, const Reals& mean, const Reals& invstd, const Reals& gamma, const Reals& beta,
                       const Extent& extent) {
    Reals y;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = extent.channel(i);
        const double a = double{gamma[c]} * double{invstd[c]};
        const double product = double{mean[c]} * a;
        const auto scale = static_cast<float>(a);
        const auto shift = static_cast<float>(double{beta[c]} - product);
        y.push_back(std::fma(x[i], scale, shift));
    }
    return y;
}

inline BatchNorm batch_norm(const Dfp& x, const Reals& gamma, const Reals& beta, const Reals& running_mean,
                            const Reals& running_var, const BatchNormParams& params, const Extent& extent) {
    BatchNorm out;
    const double M = static_cast<double>(extent.N * extent.HW);
    for (std::size_t c = 0; c < extent.C; ++c) {
        std::int64_t A = 0;
        std::int64_t B = 0;
        for (std::size_t n = 0; n < extent.N; ++n) {
            for (std::size_t pixel = 0; pixel < extent.HW; ++pixel) {
                const std::int64_t m = x.m[extent.index(n, c, pixel)];
                A += m;
                B += m * m;
            }
        }
        __extension__ typedef __int128 Wide;
        const Wide D = static_cast<Wide>(extent.N * extent.HW) * B - static_cast<Wide>(A) * A;
        const double mu = std::ldexp(static_cast<double>(A) / M, x.e);
        const double v = std::ldexp(static_cast<double>(D) / (M * M), 2 * x.e);
        const auto mean = static_cast<float>(mu);
        const auto var = static_cast<float>(v);
        const auto vu = M == 1.0 ? var : static_cast<float>(v * M / (M - 1));
        out.mean.push_back(mean);
        out.invstd.push_back(static_cast<float>(1.0 / std::sqrt(v + double{params.epsilon})));
        out.running_mean.push_back(std::fma(params.momentum, mean - running_mean[c], running_mean[c]));
        out.running_var.push_back(std::fma(params.momentum, vu - running_var[c], running_var[c]));
    }
    out.y = normalize(dequantize(x), out.mean, out.invstd, gamma, beta, extent);
    return out;
}

inline Reals batch_norm_inference(const Dfp& x, const Reals& gamma, const Reals& beta, const Reals& running_mean,
                                  const Reals& running_var, const BatchNormParams& params, const Extent& extent) {
    Reals invstd;
    for (const float var : running_var) {
        invstd.push_back(static_cast<float>(1.0 / std::sqrt(double{var} + double{params.epsilon})));
    }
    return normalize(dequantize(x), running_mean, invstd, gamma, beta, extent);
}

struct BatchNormBackward {
    Reals dx, dgamma, dbeta;
};

inline BatchNormBackward batch_norm_backward(const Dfp& x, const Dfp& dy, const Reals& gamma, const Reals& mean_,
                                             const Reals& invstd_, const Extent& extent) {
    BatchNormBackward out;
    const double M = static_cast<double>(extent.N * extent.HW);
    Reals fa;
    Reals fb;
    Reals fc;
    for (std::size_t channel = 0; channel < extent.C; ++channel) {
        std::int64_t A = 0;
        std::int64_t B = 0;
        for (std::size_t n = 0; n < extent.N; ++n) {
            for (std::size_t pixel = 0; pixel < extent.HW; ++pixel) {
                const std::size_t i = extent.index(n, channel, pixel);
                A += dy.m[i];
                B += dy.m[i] * x.m[i];
            }
        }
        const double mean = mean_[channel];
        const double invstd = invstd_[channel];
        const double db = std::ldexp(static_cast<double>(A), dy.e);
        const double q = std::ldexp(static_cast<double>(B), dy.e + x.e);
        const double mean_db = mean * db;
        const double dg = (q - mean_db) * invstd;
        const double a = double{gamma[channel]} * invstd;
        const double b = -((a * invstd) * (dg / M));
        const double b_mean = b * mean;
        const double c = (-(a * (db / M))) - b_mean;
        out.dgamma.push_back(static_cast<float>(dg));
        out.dbeta.push_back(static_cast<float>(db));
        fa.push_back(static_cast<float>(a));
        fb.push_back(static_cast<float>(b));
        fc.push_back(static_cast<float>(c));
    }
    const Reals xs = dequantize(x);
    const Reals dys = dequantize(dy);
    for (std::size_t i = 0; i < xs.size(); ++i) {
        const std::size_t c = extent.channel(i);
        out.dx.push_back(std::fma(dys[i], fa[c], std::fma(xs[i], fb[c], fc[c])));
    }
    return out;
}

// Sections 10 and 11.

inline float exp(float x) {
    if (x < -87.0f) return 0.0f;
    const float n = std::nearbyint(x * 1.44269504f);
    float r = std::fma(-n, 0x1.62e4p-1f, x);
    r = std::fma(-n, 0x1.7f7d1cp-20f, r);
    float p = static_cast<float>(1.0 / 5040.0);
    for (const double c : {1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0})
        p = std::fma(p, r, static_cast<float>(c));
    return std::ldexp(p, static_cast<int>(n));
}

inline float log(float x) {
    int k = std::ilogb(x);
    float m = std::ldexp(x, -k);
    if (m > 0x1.6a09e6p0f) {
        m = m / 2;
        k = k + 1;
    }
    const float f = m - 1;
    const float t = f / (2 + f);
    const float u = t * t;
    float p = static_cast<float>(2.0 / 9.0);
    for (const double c : {2.0 / 7, 2.0 / 5, 2.0 / 3}) p = std::fma(p, u, static_cast<float>(c));
    const float tu = t * u;
    return std::fma(static_cast<float>(k), 0.69314718f, std::fma(tu, p, t + t));
}

struct Softmax {
    Reals p;
    float loss = 0;
};

inline Softmax softmax(const Reals& z, const std::vector<std::int32_t>& labels, std::size_t K) {
    Softmax out;
    std::vector<float> losses;
    for (std::size_t n = 0; n < labels.size(); ++n) {
        const float* row = &z[n * K];
        const float top = *std::max_element(row, row + K);
        Reals d;
        float sum = 0.0f;
        for (std::size_t j = 0; j < K; ++j) {
            d.push_back(exp(row[j] - top));
            sum = sum + d[j];
        }
        for (std::size_t j = 0; j < K; ++j) out.p.push_back(d[j] / sum);
        losses.push_back(log(sum) - (row[labels[n]] - top));
    }
    out.loss = tree(losses) / static_cast<float>(labels.size());
    return out;
}

inline Reals softmax_backward(const Reals& p, const std::vector<std::int32_t>& labels, std::size_t K,
                              float weight = 1.0f) {
    Reals dz;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const float t = static_cast<std::size_t>(labels[i / K]) == i % K ? 1.0f : 0.0f;
        const float mean = (p[i] - t) / static_cast<float>(labels.size());
        dz.push_back(mean * weight);
    }
    return dz;
}

// Section 12.

struct Sgd {
    Reals w, v;
};

inline Sgd sgd(const Reals& w, const Reals& v, const Reals& dw, float rate, const SgdParams& params) {
    Sgd out;
    for (std::size_t i = 0; i < w.size(); ++i) {
        const float g = std::fma(params.weight_decay, w[i], dw[i]);
        out.v.push_back(std::fma(params.momentum, v[i], g));
        out.w.push_back(std::fma(-rate, out.v[i], w[i]));
    }
    return out;
}

}  // namespace dfp16::test::naive
