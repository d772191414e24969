// Contract section 1: the fixed binary tree of a floating-point sum.
#pragma once

#include <cstddef>
#include <span>

namespace dfp16 {

/// tree(values); overwrites them. An empty list gives +0.
template <typename T>
T tree_sum(std::span<T> values) {
    std::size_t n = values.size();
    if (n == 0) return T{0};
    while (n > 1) {
        for (std::size_t i = 0; i < n / 2; ++i) values[i] = values[2 * i] + values[2 * i + 1];
        if (n % 2 == 1) values[n / 2] = values[n - 1];
        n = (n + 1) / 2;
    }
    return values[0];
}

}  // namespace dfp16
