// Max pooling (contract section 8), one plane of 16 channels.
#pragma once

#include "fastpath/elementwise/kernel_math.h"
#include "fastpath/elementwise/window.h"

namespace dfp16::fast {
namespace {

void max_pool_forward_plane(const PoolPlane& plane, const std::int16_t* __restrict x, std::int16_t* __restrict y) {
    const PoolPlane g = plane;
    for (std::int64_t p = 0; p < g.P; ++p) {
        const Window rows = window_of(p, g.stride_h, g.pad_h, g.R, g.H);
        for (std::int64_t q = 0; q < g.Q; ++q) {
            const Window columns = window_of(q, g.stride_w, g.pad_w, g.S, g.W);
            std::int16_t best[kLanes];
            for (int c = 0; c < kLanes; ++c) best[c] = -32768;
            for (std::int64_t i = rows.first; i < rows.end; ++i) {
                for (std::int64_t j = columns.first; j < columns.end; ++j) {
                    const std::int16_t* element = x + (i * g.W + j) * kLanes;
                    for (int c = 0; c < kLanes; ++c) best[c] = element[c] > best[c] ? element[c] : best[c];
                }
            }
            for (int c = 0; c < kLanes; ++c) y[(p * g.Q + q) * kLanes + c] = best[c];
        }
    }
}

/// Adds each dy to dx at the first largest element of its window. dx starts at zero here.
void max_pool_backward_plane(const PoolPlane& plane, const std::int16_t* __restrict x,
                             const std::int16_t* __restrict dy, std::int32_t* __restrict dx) {
    const PoolPlane g = plane;
    for (std::int64_t i = 0; i < g.H * g.W * kLanes; ++i) dx[i] = 0;
    for (std::int64_t p = 0; p < g.P; ++p) {
        const Window rows = window_of(p, g.stride_h, g.pad_h, g.R, g.H);
        for (std::int64_t q = 0; q < g.Q; ++q) {
            const Window columns = window_of(q, g.stride_w, g.pad_w, g.S, g.W);
            std::int32_t best[kLanes];
            std::int32_t place[kLanes];
            for (int c = 0; c < kLanes; ++c) best[c] = -32769;
            for (int c = 0; c < kLanes; ++c) place[c] = 0;
            // Offsets from the window's first element stay small, so INT32 lanes can hold them.
            const std::int64_t corner = rows.first * g.W + columns.first;
            for (std::int64_t i = rows.first; i < rows.end; ++i) {
                for (std::int64_t j = columns.first; j < columns.end; ++j) {
                    const std::int64_t pixel = i * g.W + j;
                    const auto offset = static_cast<std::int32_t>(pixel - corner);
                    for (int c = 0; c < kLanes; ++c) {
                        const std::int32_t element = x[pixel * kLanes + c];
                        place[c] = element > best[c] ? offset : place[c];
                        best[c] = element > best[c] ? element : best[c];
                    }
                }
            }
            const std::int16_t* gradient = dy + (p * g.Q + q) * kLanes;
            for (int c = 0; c < kLanes; ++c) dx[(corner + place[c]) * kLanes + c] += gradient[c];
        }
    }
}

}  // namespace
}  // namespace dfp16::fast
