// Average pooling (contract section 8); padding counts as zeros.
#include "reference/fp32/operations.h"
#include "reference/fp32/window.h"

namespace dfp16::fp32 {

namespace {

/// Positions of the window within the padded plane: R * S, but for windows that reach beyond it (ceil sizes).
std::int64_t padded_positions(const PoolParams& pool, std::int64_t p, std::int64_t q) {
    return std::min(pool.R, pool.H + 2 * pool.pad[0] - p * pool.stride[0]) *
           std::min(pool.S, pool.W + 2 * pool.pad[1] - q * pool.stride[1]);
}

}  // namespace

void average_pool_forward(const Call& call) {
    const auto& pool = call.params<PoolParams>();
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
                *y++ = sum / static_cast<float>(padded_positions(pool, p, q));
            }
        }
    });
}

void average_pool_backward(const Call& call) {
    const auto& pool = call.params<PoolParams>();
    for_planes(call.pool, pool, [&](std::int64_t x_plane, std::int64_t y_plane) {
        const float* dy = call.input(0) + y_plane;
        float* dx = call.output(0) + x_plane;
        std::fill_n(dx, pool.H * pool.W, 0.0f);
        for (std::int64_t p = 0; p < pool.P; ++p) {
            for (std::int64_t q = 0; q < pool.Q; ++q) {
                const Window window(pool, p, q);
                const float share = *dy++ / static_cast<float>(padded_positions(pool, p, q));
                for (std::int64_t i = window.top; i < window.bottom; ++i) {
                    for (std::int64_t j = window.left; j < window.right; ++j) dx[i * pool.W + j] += share;
                }
            }
        }
    });
}

}  // namespace dfp16::fp32
