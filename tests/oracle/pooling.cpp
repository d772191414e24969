#include "tests/oracle/pooling.h"

#include <algorithm>

namespace oracle {

namespace {

std::int64_t outputs(std::int64_t H, std::int64_t R, std::int64_t sh, std::int64_t ph, bool ceil) {
    if (!ceil) return (H + 2 * ph - R) / sh + 1;
    std::int64_t P = 1;
    while ((P - 1) * sh < H + 2 * ph - R) ++P;  // the first to reach the padded end
    return (P - 1) * sh >= H + ph ? P - 1 : P;
}

/// One window: its number in y, the elements that exist in x by r, then s, and D.
struct Window {
    std::size_t y = 0;
    std::vector<std::size_t> elements;
    std::int64_t D = 0;
};

/// All windows, by n, c, p, q.
std::vector<Window> windows_of(const Pool& v) {
    std::vector<Window> windows;
    for (std::int64_t plane = 0; plane < v.N * v.C; ++plane) {
        for (std::int64_t p = 0; p < v.P(); ++p) {
            for (std::int64_t q = 0; q < v.Q(); ++q) {
                Window window{windows.size(), {}, 0};
                for (std::int64_t r = 0; r < v.R; ++r) {
                    for (std::int64_t s = 0; s < v.S; ++s) {
                        const std::int64_t i = p * v.sh - v.ph + r;
                        const std::int64_t j = q * v.sw - v.pw + s;
                        if (i >= v.H + v.ph || j >= v.W + v.pw) continue;
                        ++window.D;
                        if (i < 0 || i >= v.H || j < 0 || j >= v.W) continue;
                        window.elements.push_back(static_cast<std::size_t>((plane * v.H + i) * v.W + j));
                    }
                }
                windows.push_back(window);
            }
        }
    }
    return windows;
}

std::size_t first_largest(const Window& window, const Dfp& x) {
    return *std::max_element(window.elements.begin(), window.elements.end(),
                             [&](std::size_t a, std::size_t b) { return x.m[a] < x.m[b]; });
}

float quotient(const Integer& sum, int e, std::int64_t D) {
    return divide(rn32({sum, e}), rn32({D, 0}));
}

std::size_t inputs(const Pool& v) {
    return static_cast<std::size_t>(v.N * v.C * v.H * v.W);
}

}  // namespace

std::int64_t Pool::P() const {
    return outputs(H, R, sh, ph, ceil);
}

std::int64_t Pool::Q() const {
    return outputs(W, S, sw, pw, ceil);
}

Dfp max_pool(const Pool& pool, const Dfp& x) {
    Dfp y{{}, x.e};
    for (const Window& window : windows_of(pool)) y.m.push_back(x.m[first_largest(window, x)]);
    return y;
}

Dfp max_pool_backward(const Pool& pool, const Dfp& x, const Dfp& dy, int h, Rounding mode, const Draw& draw) {
    std::vector<std::int32_t> sums(inputs(pool), 0);
    for (const Window& window : windows_of(pool)) sums[first_largest(window, x)] += dy.m[window.y];
    return down_convert(sums, dy.e, h, mode, draw);
}

std::vector<float> average_pool(const Pool& pool, const Dfp& x) {
    std::vector<float> y;
    for (const Window& window : windows_of(pool)) {
        Integer S = 0;
        for (const std::size_t i : window.elements) S += x.m[i];
        y.push_back(quotient(S, x.e, window.D));
    }
    return y;
}

std::vector<float> average_pool_backward(const Pool& pool, const Dfp& dy) {
    std::vector<Integer> T(inputs(pool), 0);
    std::vector<float> acc(inputs(pool), 0.0f);
    for (const Window& window : windows_of(pool)) {
        for (const std::size_t i : window.elements) {
            T[i] += dy.m[window.y];
            if (pool.ceil) acc[i] = add(acc[i], quotient(dy.m[window.y], dy.e, window.D));
        }
    }
    if (pool.ceil) return acc;
    std::vector<float> dx;
    for (const Integer& sum : T) dx.push_back(quotient(sum, dy.e, pool.R * pool.S));
    return dx;
}

}  // namespace oracle
