// Max pooling (contract section 8), one plane of 16 channels.
#pragma once

#include "fastpath/elementwise/kernel_math.h"
#include "fastpath/elementwise/window.h"

namespace dfp16::fast {
namespace {

// Vectors of the compiler's own, lowered to what the ISA has: GCC does not see them in loops over 16 channels here.
using Mantissas = std::int16_t __attribute__((vector_size(2 * kLanes)));
using Integers = std::int32_t __attribute__((vector_size(4 * kLanes)));

/// The largest elements of a window.
inline void largest_of_window(const std::int16_t* x, std::int64_t width, Window rows, Window columns, Mantissas& best) {
    for (int c = 0; c < kLanes; ++c) best[c] = -32768;
    for (std::int64_t i = rows.first; i < rows.end; ++i) {
        for (std::int64_t j = columns.first; j < columns.end; ++j) {
            Mantissas element;
            __builtin_memcpy(&element, x + (i * width + j) * kLanes, sizeof element);
            best = element > best ? element : best;
        }
    }
}

void max_pool_forward_plane(const PoolPlane& plane, const std::int16_t* __restrict x, std::int16_t* __restrict y) {
    const PoolPlane g = plane;
    for (std::int64_t p = 0; p < g.P; ++p) {
        const Window rows = window_of(p, g.stride_h, g.pad_h, g.R, g.H);
        for (std::int64_t q = 0; q < g.Q; ++q) {
            Mantissas best;
            largest_of_window(x, g.W, rows, window_of(q, g.stride_w, g.pad_w, g.S, g.W), best);
            __builtin_memcpy(y + (p * g.Q + q) * kLanes, &best, sizeof best);
        }
    }
}

/// Adds each of 16 dy to the first element of its window that equals `best`.
inline void add_to_first_largest(const std::int16_t* x, std::int64_t width, Window rows, Window columns,
                                 const Mantissas& best, const std::int16_t* dy, std::int32_t* dx) {
    Mantissas left;  // what has not found its element yet
    __builtin_memcpy(&left, dy, sizeof left);
    for (std::int64_t i = rows.first; i < rows.end; ++i) {
        for (std::int64_t j = columns.first; j < columns.end; ++j) {
            const std::int64_t place = (i * width + j) * kLanes;
            Mantissas element;
            __builtin_memcpy(&element, x + place, sizeof element);
            const Mantissas here = left & (element == best);
            left ^= here;
            Integers sum;
            __builtin_memcpy(&sum, dx + place, sizeof sum);
            sum += __builtin_convertvector(here, Integers);
            __builtin_memcpy(dx + place, &sum, sizeof sum);
        }
    }
}

void max_pool_backward_row(const PoolPlane& plane, std::int64_t p, const std::int16_t* __restrict x,
                           const std::int16_t* __restrict dy, std::int32_t* __restrict dx) {
    const PoolPlane g = plane;
    const Window of_plane = window_of(p, g.stride_h, g.pad_h, g.R, g.H);
    const Window rows = {0, of_plane.end - of_plane.first};
    x += of_plane.first * g.W * kLanes;
    for (std::int64_t q = 0; q < g.Q; ++q) {
        const Window columns = window_of(q, g.stride_w, g.pad_w, g.S, g.W);
        Mantissas best;
        largest_of_window(x, g.W, rows, columns, best);
        add_to_first_largest(x, g.W, rows, columns, best, dy + (p * g.Q + q) * kLanes, dx);
    }
}

}  // namespace
}  // namespace dfp16::fast
