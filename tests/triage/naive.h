// Sums of products in plain loops, with a bug where a test puts one. They share nothing with what triage computes.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "vectors/case.h"
#include "vectors/operands.h"

namespace dfp16::test::naive {

using Row = std::vector<std::int64_t>;
/// What becomes of the products of two rows; the exponents' sum is k.
using Finish = std::function<void(HostTensor& out, std::size_t index, const Row& a, const Row& b, int k)>;

inline HostTensor empty_output(const Case& inputs) {
    const Operand operand = operands_of(inputs).outputs[0];
    return {operand.type, operand.shape};
}

inline std::int64_t dot(const Row& a, const Row& b) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

inline void exact(HostTensor& out, std::size_t index, const Row& a, const Row& b, int k) {
    out.fp32()[index] = static_cast<float>(std::ldexp(static_cast<double>(dot(a, b)), k));
}

inline void wrapping(HostTensor& out, std::size_t index, const Row& a, const Row& b, int k) {
    out.accumulators()[index].value = static_cast<std::int32_t>(dot(a, b));
    out.exponent = {k};
}

inline std::int64_t clamp32(std::int64_t v) {
    return std::clamp<std::int64_t>(v, INT32_MIN, INT32_MAX);
}

/// FP32 sum of chains of `length` products; both rows are padded to pairs by the caller.
inline Finish chains_of(std::size_t length) {
    return [length](HostTensor& out, std::size_t index, const Row& a, const Row& b, int k) {
        float acc = 0;
        for (std::size_t begin = 0; begin < a.size(); begin += length) {
            std::int64_t chain = 0;
            for (std::size_t i = begin; i < std::min(a.size(), begin + length); ++i) chain += a[i] * b[i];
            acc += static_cast<float>(static_cast<std::int32_t>(chain));
        }
        out.fp32()[index] = std::ldexp(acc, k);
    };
}

/// a(m, k) and b(k, n) are read by these; by default as they should be.
struct Gemm {
    std::function<std::int64_t(const Case&, std::int64_t m, std::int64_t k)> a = [](const Case& c, std::int64_t m,
                                                                                    std::int64_t k) {
        return std::int64_t{c.inputs[0].mantissas()[static_cast<std::size_t>(m * c.inputs[0].shape[1] + k)].value};
    };
    std::function<std::int64_t(const Case&, std::int64_t k, std::int64_t n)> b = [](const Case& c, std::int64_t k,
                                                                                    std::int64_t n) {
        return std::int64_t{c.inputs[1].mantissas()[static_cast<std::size_t>(k * c.inputs[1].shape[1] + n)].value};
    };
    std::function<void(Row& a, Row& b)> rows = [](Row&, Row&) {};  ///< of K products, before they are finished
    Finish finish = exact;

    std::vector<HostTensor> operator()(const Case& inputs, Backend&) const {
        const auto& p = std::get<GemmParams>(inputs.params);
        HostTensor out = empty_output(inputs);
        for (std::int64_t m = 0; m < p.M; ++m) {
            for (std::int64_t n = 0; n < p.N; ++n) {
                Row left, right;
                for (std::int64_t k = 0; k < p.K; ++k) {
                    left.push_back(a(inputs, m, k));
                    right.push_back(b(inputs, k, n));
                }
                rows(left, right);
                finish(out, static_cast<std::size_t>(m * p.N + n), left, right,
                       inputs.inputs[0].exponent.value + inputs.inputs[1].exponent.value);
            }
        }
        return {out};
    }
};

/// Forward convolution: which filter tap and which input element the loops use.
struct Conv {
    std::function<void(ConvParams& p)> loops = [](ConvParams&) {};  ///< stride and padding that the loops believe in
    bool flipped = false, replicate = false, one_group = false, channels_outside = false,
         channels_last_in_memory = false;
    Finish finish = exact;

    std::int64_t x(const Case& c, const ConvParams& p, std::int64_t n, std::int64_t channel, std::int64_t i,
                   std::int64_t j) const {
        if (replicate) {
            i = std::clamp<std::int64_t>(i, 0, p.H - 1);
            j = std::clamp<std::int64_t>(j, 0, p.W - 1);
        }
        if (i < 0 || j < 0 || i >= p.H || j >= p.W) return 0;
        const std::int64_t place = channels_last_in_memory ? ((n * p.H + i) * p.W + j) * p.C + channel
                                                           : ((n * p.C + channel) * p.H + i) * p.W + j;
        return c.inputs[0].mantissas()[static_cast<std::size_t>(place)].value;
    }

    std::int64_t w(const Case& c, const ConvParams& p, std::int64_t k, std::int64_t channel, std::int64_t r,
                   std::int64_t s) const {
        const std::int64_t Cg = p.C / p.groups;
        const std::int64_t place = flipped ? ((k * Cg + channel) * p.R + p.R - 1 - r) * p.S + p.S - 1 - s
                                           : ((k * Cg + channel) * p.R + r) * p.S + s;
        return c.inputs[1].mantissas()[static_cast<std::size_t>(place)].value;
    }

    void output(const Case& c, const ConvParams& p, HostTensor& out, std::int64_t n, std::int64_t k, std::int64_t y,
                std::int64_t z) const {
        const std::int64_t Cg = p.C / p.groups, first = one_group ? 0 : k / (p.K / p.groups) * Cg;
        Row a, b;
        const auto visit = [&](std::int64_t channel, std::int64_t r, std::int64_t s) {
            a.push_back(x(c, p, n, first + channel, y * p.stride[0] - p.pad[0] + r, z * p.stride[1] - p.pad[1] + s));
            b.push_back(w(c, p, k, channel, r, s));
        };
        const std::int64_t block = channels_outside ? 1 : 16;
        for (std::int64_t begin = 0; begin < Cg; begin += block) {
            for (std::int64_t r = 0; r < p.R; ++r) {
                for (std::int64_t s = 0; s < p.S; ++s) {
                    for (std::int64_t i = begin; i < std::min(Cg, begin + block); ++i) visit(i, r, s);
                }
            }
        }
        finish(out, static_cast<std::size_t>(((n * p.K + k) * p.P + y) * p.Q + z), a, b,
               c.inputs[0].exponent.value + c.inputs[1].exponent.value);
    }

    std::vector<HostTensor> operator()(const Case& inputs, Backend&) const {
        auto p = std::get<ConvParams>(inputs.params);
        loops(p);
        HostTensor out = empty_output(inputs);
        for (std::int64_t n = 0; n < p.N; ++n) {
            for (std::int64_t k = 0; k < p.K; ++k) {
                for (std::int64_t y = 0; y < p.P; ++y) {
                    for (std::int64_t z = 0; z < p.Q; ++z) output(inputs, p, out, n, k, y, z);
                }
            }
        }
        return {out};
    }
};

/// multiply with a rounding of one's own: v is exact, of any size below 2^31.
inline HostTensor multiply(const Case& inputs, const std::function<double(double v, std::size_t index)>& round) {
    const int headroom = std::get<RoundingParams>(inputs.params).headroom;
    const auto& a = inputs.inputs[0].mantissas();
    const auto& b = inputs.inputs[1].mantissas();
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::fabs(double{1} * a[i].value * b[i].value));
    const int bits = largest == 0 ? 0 : std::ilogb(largest) + 1;
    const int shift = std::max(0, bits - (15 - headroom));
    const double limit = std::ldexp(1.0, 15 - headroom) - 1;
    HostTensor y = empty_output(inputs);
    y.exponent = {inputs.inputs[0].exponent.value + inputs.inputs[1].exponent.value + shift};
    if (largest == 0) y.exponent = {-126};
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double m = round(std::ldexp(double{1} * a[i].value * b[i].value, -shift), i);
        y.mantissas()[i].value = static_cast<std::int16_t>(std::clamp(m, -limit, limit));
    }
    return y;
}

}  // namespace dfp16::test::naive
