#include "tests/oracle/fma_sums.h"

#include <cstddef>

namespace oracle {

namespace {

float at(const std::vector<float>& t, std::int64_t n1, std::int64_t n2, std::int64_t n3, std::int64_t i0,
         std::int64_t i1, std::int64_t i2, std::int64_t i3) {
    return t.at(static_cast<std::size_t>(((i0 * n1 + i1) * n2 + i2) * n3 + i3));
}

bool within(std::int64_t index, std::int64_t size) {
    return index >= 0 && index < size;
}

}  // namespace

float fma_policy(const Products& products) {
    float acc = 0.0f;
    for (const auto& [a, b] : products) acc = fma(a, b, acc);
    return acc;
}

Products fma_conv_forward(const Conv& v, const std::vector<float>& x, const std::vector<float>& w, std::int64_t n,
                          std::int64_t k, std::int64_t p, std::int64_t q) {
    const std::int64_t Cg = v.C / v.G;
    const std::int64_t g = k / (v.K / v.G);
    Products products;
    for (std::int64_t block = 0; block * 16 < Cg; ++block) {
        for (std::int64_t r = 0; r < v.R; ++r) {
            for (std::int64_t s = 0; s < v.S; ++s) {
                const std::int64_t i = p * v.sh - v.ph + r;
                const std::int64_t j = q * v.sw - v.pw + s;
                if (!within(i, v.H) || !within(j, v.W)) continue;
                for (std::int64_t c = block * 16; c < Cg && c < block * 16 + 16; ++c)
                    products.emplace_back(at(x, v.C, v.H, v.W, n, g * Cg + c, i, j), at(w, Cg, v.R, v.S, k, c, r, s));
            }
        }
    }
    return products;
}

Products fma_conv_backward_data(const Conv& v, const std::vector<float>& dy, const std::vector<float>& w,
                                std::int64_t n, std::int64_t channel, std::int64_t i, std::int64_t j) {
    const std::int64_t Cg = v.C / v.G;
    const std::int64_t Kg = v.K / v.G;
    const std::int64_t g = channel / Cg;
    Products products;
    for (std::int64_t block = 0; block * 16 < Kg; ++block) {
        for (std::int64_t r = 0; r < v.R; ++r) {
            for (std::int64_t s = 0; s < v.S; ++s) {
                const std::int64_t p = i + v.ph - r;  // times the stride
                const std::int64_t q = j + v.pw - s;
                if (p % v.sh != 0 || q % v.sw != 0) continue;
                if (!within(p / v.sh, v.P()) || !within(q / v.sw, v.Q())) continue;
                for (std::int64_t k = block * 16; k < Kg && k < block * 16 + 16; ++k) {
                    products.emplace_back(at(dy, v.K, v.P(), v.Q(), n, g * Kg + k, p / v.sh, q / v.sw),
                                          at(w, Cg, v.R, v.S, g * Kg + k, channel - g * Cg, r, s));
                }
            }
        }
    }
    return products;
}

Products fma_conv_weight_gradient(const Conv& v, const std::vector<float>& x, const std::vector<float>& dy,
                                  std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) {
    const std::int64_t channel = k / (v.K / v.G) * (v.C / v.G) + c;
    Products products;
    for (std::int64_t n = 0; n < v.N; ++n) {
        for (std::int64_t p = 0; p < v.P(); ++p) {
            for (std::int64_t q = 0; q < v.Q(); ++q) {
                const std::int64_t i = p * v.sh - v.ph + r;
                const std::int64_t j = q * v.sw - v.pw + s;
                if (!within(i, v.H) || !within(j, v.W)) continue;
                products.emplace_back(at(dy, v.K, v.P(), v.Q(), n, k, p, q), at(x, v.C, v.H, v.W, n, channel, i, j));
            }
        }
    }
    return products;
}

}  // namespace oracle
