// The sizes of a convolution as the kernels count with them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "vectors/mutants/kernels/call.h"

namespace dfp16::mutants {

struct ConvSizes {
    std::int64_t N, C, H, W, K, R, S, P, Q, G, Cg, Kg, sh, sw, ph, pw;
    Accumulation how;

    explicit ConvSizes(const ConvParams& p)
        : N(p.N),
          C(p.C),
          H(p.H),
          W(p.W),
          K(p.K),
          R(p.R),
          S(p.S),
          P(p.P),
          Q(p.Q),
          G(p.groups),
          Cg(p.C / p.groups),
          Kg(p.K / p.groups),
          sh(p.stride[0]),
          sw(p.stride[1]),
          ph(p.pad[0]),
          pw(p.pad[1]),
          how(p.accumulation) {}

    std::size_t x(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
        return static_cast<std::size_t>(((n * C + c) * H + h) * W + w);
    }
    std::size_t w(std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) const {
        return static_cast<std::size_t>(((k * Cg + c) * R + r) * S + s);
    }
    std::size_t y(std::int64_t n, std::int64_t k, std::int64_t p, std::int64_t q) const {
        return static_cast<std::size_t>(((n * K + k) * P + p) * Q + q);
    }
};

inline constexpr std::int64_t kChannelBlock = 16;

inline std::size_t lanes_from(std::int64_t first, std::int64_t count) {
    return static_cast<std::size_t>(std::min<std::int64_t>(kLanes, count - first));
}

}  // namespace dfp16::mutants
