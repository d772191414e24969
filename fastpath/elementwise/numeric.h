// Scalar arithmetic of the contract that several operations need.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "fastpath/dfp_format.h"
#include "fastpath/tensor.h"
#include "sim/types/error.h"

namespace dfp16::fast {

/// RN32(v); a result beyond FP32 is an error at `index` of `tensor`.
inline float rounded_fp32(double v, const Tensor& tensor, std::int64_t index, const char* what) {
    const auto rounded = static_cast<float>(v);
    if (!std::isfinite(rounded)) throw InputError(message_at(tensor, index, std::string(what) + " beyond FP32"));
    return rounded;
}

/// Throws InputError for an element of x, at a place in memory with used(place), whose value is beyond FP32: -32768 *
/// 2^113 or more.
template <typename Used>
void reject_beyond_fp32(const Tensor& x, const Used& used) {
    if (x.exponent < kExponentMax) return;
    for (std::int64_t i = 0; i < x.layout.elements(); ++i) {
        if (std::isfinite(std::ldexp(static_cast<float>(x.mantissas()[i]), x.exponent)) || !used(i)) continue;
        throw InputError(message_at(x, x.layout.logical_index(i), "mantissa times scale beyond FP32"));
    }
}

/// The binary tree of contract section 1.
template <typename Value>
Value tree_sum(std::vector<Value> v) {
    for (std::size_t n = v.size(); n > 1; n = (n + 1) / 2) {
        for (std::size_t i = 0; i < n / 2; ++i) v[i] = v[2 * i] + v[2 * i + 1];
        if (n % 2 == 1) v[n / 2] = v[n - 1];
    }
    return v[0];
}

}  // namespace dfp16::fast
