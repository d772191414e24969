// Scalar arithmetic of the contract that several operations need.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "fastpath/tensor.h"
#include "sim/types/error.h"

namespace dfp16::fast {

/// M of contract section 2: mantissas stay within +-M.
constexpr std::int32_t mantissa_bound(int headroom) {
    return (std::int32_t{1} << (15 - headroom)) - 1;
}

/// RN32(v); a result beyond FP32 is an error at `index` of `tensor`.
inline float rounded_fp32(double v, const Tensor& tensor, std::int64_t index, const char* what) {
    const auto rounded = static_cast<float>(v);
    if (!std::isfinite(rounded)) throw InputError(message_at(tensor, index, std::string(what) + " beyond FP32"));
    return rounded;
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
