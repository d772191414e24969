#include "tests/oracle/products.h"

#include <algorithm>

namespace oracle {

namespace {

/// Element (i0, i1, i2, i3) of a row-major tensor with these sizes; zero where the two last lie outside.
std::int16_t at(const Mantissas& t, std::int64_t n1, std::int64_t n2, std::int64_t n3, std::int64_t i0, std::int64_t i1,
                std::int64_t i2, std::int64_t i3) {
    if (i2 < 0 || i2 >= n2 || i3 < 0 || i3 >= n3) return 0;
    return t.at(static_cast<std::size_t>(((i0 * n1 + i1) * n2 + i2) * n3 + i3));
}

void append(std::vector<Pair>& pairs, const std::vector<Pair>& more) {
    pairs.insert(pairs.end(), more.begin(), more.end());
}

/// numerator / stride where that is an integer; a place outside every tensor elsewhere.
std::int64_t over(std::int64_t numerator, std::int64_t stride) {
    return numerator % stride == 0 ? numerator / stride : -1;
}

}  // namespace

std::vector<Pair> paired(const Mantissas& a, const Mantissas& b) {
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < a.size(); i += 2) {
        const bool last = i + 1 == a.size();
        pairs.push_back({a[i], b[i], last ? std::int16_t{0} : a[i + 1], last ? std::int16_t{0} : b[i + 1]});
    }
    return pairs;
}

Sum conv_forward(const Conv& v, const Mantissas& x, const Mantissas& w, std::int64_t n, std::int64_t k, std::int64_t p,
                 std::int64_t q) {
    const std::int64_t Cg = v.C / v.G;
    const std::int64_t g = k / (v.K / v.G);
    std::vector<Pair> pairs;
    for (std::int64_t block = 0; block < Cg; block += 16) {
        for (std::int64_t r = 0; r < v.R; ++r) {
            for (std::int64_t s = 0; s < v.S; ++s) {
                Mantissas a, b;
                for (std::int64_t c = block; c < std::min(block + 16, Cg); ++c) {
                    a.push_back(at(x, v.C, v.H, v.W, n, g * Cg + c, p * v.sh - v.ph + r, q * v.sw - v.pw + s));
                    b.push_back(at(w, Cg, v.R, v.S, k, c, r, s));
                }
                append(pairs, paired(a, b));
            }
        }
    }
    return {pairs};
}

Sum conv_backward_data(const Conv& v, const Mantissas& dy, const Mantissas& w, std::int64_t n, std::int64_t channel,
                       std::int64_t i, std::int64_t j) {
    const std::int64_t Cg = v.C / v.G;
    const std::int64_t Kg = v.K / v.G;
    const std::int64_t g = channel / Cg;
    std::vector<Pair> pairs;
    for (std::int64_t block = 0; block < Kg; block += 16) {
        for (std::int64_t r = 0; r < v.R; ++r) {
            for (std::int64_t s = 0; s < v.S; ++s) {
                Mantissas a, b;
                for (std::int64_t k = block; k < std::min(block + 16, Kg); ++k) {
                    a.push_back(
                        at(dy, v.K, v.P(), v.Q(), n, g * Kg + k, over(i + v.ph - r, v.sh), over(j + v.pw - s, v.sw)));
                    b.push_back(at(w, Cg, v.R, v.S, g * Kg + k, channel - g * Cg, r, s));
                }
                append(pairs, paired(a, b));
            }
        }
    }
    return {pairs};
}

Sum conv_weight_gradient(const Conv& v, const Mantissas& x, const Mantissas& dy, std::int64_t k, std::int64_t c,
                         std::int64_t r, std::int64_t s) {
    const std::int64_t channel = k / (v.K / v.G) * (v.C / v.G) + c;
    Sum images;
    for (std::int64_t n = 0; n < v.N; ++n) {
        images.emplace_back();
        for (std::int64_t p = 0; p < v.P(); ++p) {
            Mantissas a, b;
            for (std::int64_t q = 0; q < v.Q(); ++q) {
                a.push_back(at(dy, v.K, v.P(), v.Q(), n, k, p, q));
                b.push_back(at(x, v.C, v.H, v.W, n, channel, p * v.sh - v.ph + r, q * v.sw - v.pw + s));
            }
            append(images.back(), paired(a, b));
        }
    }
    return images;
}

}  // namespace oracle
