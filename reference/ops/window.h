// The windows of pooling (contract section 8).
#pragma once

#include <cstddef>
#include <cstdint>

#include "reference/interface/operation.h"

namespace dfp16 {

/// Planes of x (N,C,H,W) and y (N,C,P,Q).
inline std::size_t planes_of(const PoolParams& pool) {
    return static_cast<std::size_t>(pool.N * pool.C);
}

/// Calls visit(x index, y index) for every element that exists in every window of one plane, window by window in
/// row-major order of y, r then s within a window.
template <typename Visit>
void for_each_in_windows(const PoolParams& pool, std::size_t plane_number, Visit visit) {
    const auto plane = static_cast<std::int64_t>(plane_number);
    for (std::int64_t p = 0; p < pool.P; ++p) {
        for (std::int64_t q = 0; q < pool.Q; ++q) {
            const auto y = static_cast<std::size_t>((plane * pool.P + p) * pool.Q + q);
            for (std::int64_t r = 0; r < pool.R; ++r) {
                for (std::int64_t s = 0; s < pool.S; ++s) {
                    const std::int64_t i = p * pool.stride[0] - pool.pad[0] + r;
                    const std::int64_t j = q * pool.stride[1] - pool.pad[1] + s;
                    if (i < 0 || i >= pool.H || j < 0 || j >= pool.W) continue;
                    visit(static_cast<std::size_t>((plane * pool.H + i) * pool.W + j), y);
                }
            }
        }
    }
}

}  // namespace dfp16
