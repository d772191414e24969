// Average pooling (contract section 8); padding counts as zeros, the divisor is always R * S.
#include "reference/fp32/operations.h"
#include "reference/fp32/window.h"

namespace dfp16::fp32 {

void average_pool_forward(const Call& call) {
    const auto& pool = call.params<PoolParams>();
    const auto divisor = static_cast<float>(pool.R * pool.S);
    for_planes(call.pool, pool, [&](std::int64_t x_plane, std::int64_t y_plane) {
        const float* x = call.input(0) + x_plane;
        float* y = call.output(0) + y_plane;
        for (std::int64_t p = 0; p < pool.P; ++p) {
            for (std::int64_t q = 0; q < pool.Q; ++q) {
                const Window window(pool, p, q);
                float sum = 0.0f;
                for (std::int64_t i = window.top; i < window.bottom; ++i) {
                    for (std::int64_t j = window.left; j < window.right; ++j) sum += x[i * pool.W + j];
                }
                *y++ = sum / divisor;
            }
        }
    });
}

void average_pool_backward(const Call& call) {
    const auto& pool = call.params<PoolParams>();
    const auto divisor = static_cast<float>(pool.R * pool.S);
    for_planes(call.pool, pool, [&](std::int64_t x_plane, std::int64_t y_plane) {
        const float* dy = call.input(0) + y_plane;
        float* dx = call.output(0) + x_plane;
        std::fill_n(dx, pool.H * pool.W, 0.0f);
        for (std::int64_t p = 0; p < pool.P; ++p) {
            for (std::int64_t q = 0; q < pool.Q; ++q) {
                const Window window(pool, p, q);
                const float share = *dy++ / divisor;
                for (std::int64_t i = window.top; i < window.bottom; ++i) {
                    for (std::int64_t j = window.left; j < window.right; ++j) dx[i * pool.W + j] += share;
                }
            }
        }
    });
}

}  // namespace dfp16::fp32
