// Max pooling (contract section 8); of equal elements the first counts.
#include "reference/fp32/operations.h"
#include "reference/fp32/window.h"

namespace dfp16::fp32 {

namespace {

/// Where the window's largest element is, r first, then s.
std::int64_t largest_in(const Window& window, const float* x, std::int64_t width) {
    std::int64_t largest = window.top * width + window.left;
    for (std::int64_t i = window.top; i < window.bottom; ++i) {
        for (std::int64_t j = window.left; j < window.right; ++j) {
            largest = x[i * width + j] > x[largest] ? i * width + j : largest;
        }
    }
    return largest;
}

}  // namespace

void max_pool_forward(const Call& call) {
    const auto& pool = call.params<PoolParams>();
    for_planes(call.pool, pool, [&](std::int64_t x_plane, std::int64_t y_plane) {
        const float* x = call.input(0) + x_plane;
        float* y = call.output(0) + y_plane;
        for (std::int64_t p = 0; p < pool.P; ++p) {
            for (std::int64_t q = 0; q < pool.Q; ++q) *y++ = x[largest_in(Window(pool, p, q), x, pool.W)];
        }
    });
}

void max_pool_backward(const Call& call) {
    const auto& pool = call.params<PoolParams>();
    for_planes(call.pool, pool, [&](std::int64_t x_plane, std::int64_t y_plane) {
        const float* x = call.input(0) + x_plane;
        const float* dy = call.input(1) + y_plane;
        float* dx = call.output(0) + x_plane;
        std::fill_n(dx, pool.H * pool.W, 0.0f);
        for (std::int64_t p = 0; p < pool.P; ++p) {
            for (std::int64_t q = 0; q < pool.Q; ++q) dx[largest_in(Window(pool, p, q), x, pool.W)] += *dy++;
        }
    });
}

}  // namespace dfp16::fp32
