#include "tests/oracle/layers.h"

#include <algorithm>

namespace oracle {

namespace {

constexpr std::uint32_t kAlign = 2;
constexpr std::uint32_t kDropout = 9;

/// s of every element.
Reals sums_of_squares(const Lrn& params, const Extent& extent, const Dfp& x) {
    const float a = divide(params.alpha, rn32({params.n, 0}));
    Reals s(x.m.size());
    for (std::int64_t n = 0; n < extent.N; ++n) {
        for (std::int64_t pixel = 0; pixel < extent.pixels; ++pixel) {
            for (std::int64_t c = 0; c < extent.C; ++c) {
                Integer S = 0;
                for (std::int64_t other = 0; other < extent.C; ++other) {
                    if (std::abs(other - c) > (params.n - 1) / 2) continue;
                    S += Integer(x.m[extent.at(n, other, pixel)]) * x.m[extent.at(n, other, pixel)];
                }
                s[extent.at(n, c, pixel)] = fma(a, rn32({S, 2 * x.e}), params.k);
            }
        }
    }
    return s;
}

float power(float s) {
    return multiply(sqrt(s), sqrt(sqrt(s)));
}

/// dividend / (d * s). A product beyond FP32 is infinite, and a quotient by it zero.
float over_product(float dividend, float d, float s) {
    float product = 0.0f;
    try {
        product = multiply(d, s);
    } catch (const Error&) {
        return multiply(dividend, 0.0f);
    }
    return divide(dividend, product);
}

/// tree().
float tree(Reals v) {
    while (v.size() > 1) {
        Reals next;
        for (std::size_t i = 0; i + 1 < v.size(); i += 2) next.push_back(add(v[i], v[i + 1]));
        if (v.size() % 2 == 1) next.push_back(v.back());
        v = next;
    }
    return v[0];
}

}  // namespace

Reals lrn(const Lrn& params, const Extent& extent, const Dfp& x) {
    Reals y = sums_of_squares(params, extent, x);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = divide(dequantize(x.m[i], x.e), power(y[i]));
    return y;
}

Reals lrn_backward(const Lrn& params, const Extent& extent, const Dfp& x, const Dfp& dy) {
    const Reals s = sums_of_squares(params, extent, x);
    const float b = multiply(1.5f, divide(params.alpha, rn32({params.n, 0})));
    Reals X, D, d, t, dx(x.m.size());
    for (std::size_t i = 0; i < x.m.size(); ++i) {
        X.push_back(dequantize(x.m[i], x.e));
        D.push_back(dequantize(dy.m[i], dy.e));
        d.push_back(power(s[i]));
        t.push_back(over_product(multiply(D[i], X[i]), d[i], s[i]));
    }
    for (std::int64_t n = 0; n < extent.N; ++n) {
        for (std::int64_t c = 0; c < extent.C; ++c) {
            for (std::int64_t pixel = 0; pixel < extent.pixels; ++pixel) {
                float u = 0.0f;
                for (std::int64_t other = 0; other < extent.C; ++other) {
                    if (std::abs(other - c) <= (params.n - 1) / 2) u = add(u, t[extent.at(n, other, pixel)]);
                }
                const std::size_t i = extent.at(n, c, pixel);
                dx[i] = fma(-multiply(b, X[i]), u, divide(D[i], d[i]));
            }
        }
    }
    return dx;
}

Reals dropout(float rate, const Dfp& x, const Draw& draw) {
    const Integer threshold = round(exact(rate) * Dyadic{power_of_two(32), 0}, Rounding::toward_zero, 0);
    const float scale = divide(1.0f, subtract(1.0f, rate));
    Reals y;
    for (std::size_t i = 0; i < x.m.size(); ++i) {
        const bool kept = Integer(word(draw, kDropout, i)) >= threshold;
        y.push_back(kept ? multiply(dequantize(x.m[i], x.e), scale) : 0.0f);
    }
    return y;
}

Dfp concat(const std::vector<Part>& parts, Rounding mode, const Draw& draw) {
    Dfp y{{}, parts[0].values.e};
    std::int64_t channels = 0;
    for (const Part& part : parts) {
        y.e = std::max(y.e, part.values.e);
        channels += part.extent.C;
    }
    // In the order of the output, so that its size is the index of the next element.
    const Extent whole{parts[0].extent.N, channels, parts[0].extent.pixels};
    for (std::int64_t n = 0; n < whole.N; ++n) {
        for (const Part& part : parts) {
            for (std::int64_t i = 0; i < part.extent.C * part.extent.pixels; ++i) {
                const std::int16_t m = part.values.m[part.extent.at(n, 0, i)];
                const std::uint32_t r = mode == Rounding::stochastic ? word(draw, kAlign, y.m.size()) : 0;
                const bool same = part.values.e == y.e;
                y.m.push_back(same ? m : round({m, part.values.e - y.e}, mode, r).convert_to<std::int16_t>());
            }
        }
    }
    return y;
}

Reals bias_gradient(const Extent& extent, const Reals& dy) {
    Reals db;
    for (std::int64_t k = 0; k < extent.C; ++k) {
        Reals s;
        for (std::int64_t n = 0; n < extent.N; ++n) {
            s.push_back(0.0f);
            for (std::int64_t pixel = 0; pixel < extent.pixels; ++pixel)
                s.back() = add(s.back(), dy[extent.at(n, k, pixel)]);
        }
        db.push_back(tree(s));
    }
    return db;
}

}  // namespace oracle
