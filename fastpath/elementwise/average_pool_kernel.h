// Average pooling (contract section 8), one plane of 16 channels: RN32(S * 2^e) / FP32(D).
#pragma once

#include "fastpath/elementwise/kernel_math.h"
#include "fastpath/elementwise/window.h"

namespace dfp16::fast {
namespace {

/// One window of a plane `width` pixels wide. INT32 holds the sum of the 65536 mantissas that a window may have;
/// rounded to FP32 it is 0 or at least 1, so that scaling it is exact.
inline void average_window(const std::int16_t* x, std::int64_t width, Window rows, Window columns, float scale,
                           float elements, float* y) {
    std::int32_t sum[kLanes] = {};
    for (std::int64_t i = rows.first; i < rows.end; ++i) {
        for (std::int64_t j = columns.first; j < columns.end; ++j) {
            for (int c = 0; c < kLanes; ++c) sum[c] += x[(i * width + j) * kLanes + c];
        }
    }
    for (int c = 0; c < kLanes; ++c) y[c] = (static_cast<float>(sum[c]) * scale) / elements;
}

void average_pool_forward_plane(const PoolPlane& plane, const std::int16_t* __restrict x, float scale,
                                float* __restrict y) {
    const PoolPlane g = plane;
    for (std::int64_t p = 0; p < g.P; ++p) {
        const Window rows = window_of(p, g.stride_h, g.pad_h, g.R, g.H);
        const std::int64_t height = positions_of(p, g.stride_h, g.pad_h, g.R, g.H);
        for (std::int64_t q = 0; q < g.Q; ++q) {
            const Window columns = window_of(q, g.stride_w, g.pad_w, g.S, g.W);
            const auto elements = static_cast<float>(height * positions_of(q, g.stride_w, g.pad_w, g.S, g.W));
            average_window(x, g.W, rows, columns, scale, elements, y + (p * g.Q + q) * kLanes);
        }
    }
}

void average_pool_backward_plane(const PoolPlane& plane, const std::int16_t* __restrict dy, float scale,
                                 float* __restrict dx) {
    const PoolPlane g = plane;
    const auto elements = static_cast<float>(g.R * g.S);
    for (std::int64_t i = 0; i < g.H; ++i) {
        const Window rows = windows_with(i, g.stride_h, g.pad_h, g.R, g.P);
        for (std::int64_t j = 0; j < g.W; ++j) {
            const Window columns = windows_with(j, g.stride_w, g.pad_w, g.S, g.Q);
            average_window(dy, g.Q, rows, columns, scale, elements, dx + (i * g.W + j) * kLanes);
        }
    }
}

/// Where the windows of an element may differ in size: the sum of their quotients.
void average_pool_backward_ceil_plane(const PoolPlane& plane, const std::int16_t* __restrict dy, float scale,
                                      float* __restrict dx) {
    const PoolPlane g = plane;
    for (std::int64_t i = 0; i < g.H; ++i) {
        const Window rows = windows_with(i, g.stride_h, g.pad_h, g.R, g.P);
        for (std::int64_t j = 0; j < g.W; ++j) {
            const Window columns = windows_with(j, g.stride_w, g.pad_w, g.S, g.Q);
            float sum[kLanes] = {};
            for (std::int64_t p = rows.first; p < rows.end; ++p) {
                const std::int64_t height = positions_of(p, g.stride_h, g.pad_h, g.R, g.H);
                for (std::int64_t q = columns.first; q < columns.end; ++q) {
                    const auto elements = static_cast<float>(height * positions_of(q, g.stride_w, g.pad_w, g.S, g.W));
                    const std::int16_t* m = dy + (p * g.Q + q) * kLanes;
                    for (int c = 0; c < kLanes; ++c) sum[c] = sum[c] + (static_cast<float>(m[c]) * scale) / elements;
                }
            }
            for (int c = 0; c < kLanes; ++c) dx[(i * g.W + j) * kLanes + c] = sum[c];
        }
    }
}

}  // namespace
}  // namespace dfp16::fast
