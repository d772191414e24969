// Contract section 7: which products each output sums, in which order; in the plainest index form.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/oracle/sums.h"

namespace oracle {

/// A convolution's sizes under the contract's names; P and Q follow.
struct Conv {
    std::int64_t N = 1, C = 1, H = 1, W = 1, K = 1, R = 1, S = 1;
    std::int64_t sh = 1, sw = 1, ph = 0, pw = 0, G = 1;
    std::int64_t P() const { return (H + 2 * ph - R) / sh + 1; }
    std::int64_t Q() const { return (W + 2 * pw - S) / sw + 1; }
};

/// x (N,C,H,W), w (K,C/G,R,S), y and dy (N,K,P,Q), row-major.
using Mantissas = std::vector<std::int16_t>;

Sum conv_forward(const Conv& conv, const Mantissas& x, const Mantissas& w, std::int64_t n, std::int64_t k,
                 std::int64_t p, std::int64_t q);
Sum conv_backward_data(const Conv& conv, const Mantissas& dy, const Mantissas& w, std::int64_t n, std::int64_t channel,
                       std::int64_t i, std::int64_t j);
Sum conv_weight_gradient(const Conv& conv, const Mantissas& x, const Mantissas& dy, std::int64_t k, std::int64_t c,
                         std::int64_t r, std::int64_t s);

/// Two lists paired by neighbours, a last odd one with (0, 0): gemm and fully connected, and a pair's innermost index.
std::vector<Pair> paired(const Mantissas& a, const Mantissas& b);

}  // namespace oracle
