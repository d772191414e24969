// Windows of pooling, cut to the elements that exist.
#pragma once

#include <algorithm>
#include <cstdint>

#include "reference/interface/operation.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::fp32 {

/// Rows [top, bottom) and columns [left, right) of the input.
struct Window {
    std::int64_t top, bottom, left, right;
    Window(const PoolParams& pool, std::int64_t p, std::int64_t q)
        : top(p * pool.stride[0] - pool.pad[0]),
          bottom(std::min(pool.H, top + pool.R)),
          left(q * pool.stride[1] - pool.pad[1]),
          right(std::min(pool.W, left + pool.S)) {
        top = std::max<std::int64_t>(top, 0);
        left = std::max<std::int64_t>(left, 0);
    }
};

/// Calls body(x plane's offset, y plane's offset) for each image and channel, shared among threads.
template <typename Body>
void for_planes(ThreadPool& pool, const PoolParams& params, const Body& body) {
    pool.parallel_for(params.N, [&](std::int64_t n, int) {
        for (std::int64_t plane = n * params.C; plane < (n + 1) * params.C; ++plane) {
            body(plane * params.H * params.W, plane * params.P * params.Q);
        }
    });
}

}  // namespace dfp16::fp32
