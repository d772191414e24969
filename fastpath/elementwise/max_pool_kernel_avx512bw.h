// Max pooling's gradient in AVX-512: what max_pool_kernel.h does, with masks.
#pragma once

#include "fastpath/elementwise/max_pool_kernel.h"
#include "fastpath/elementwise/vectors_avx512bw.h"

namespace dfp16::fast {
namespace {

inline __m256i channels_of(const std::int16_t* pixel) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(pixel));
}

/// Adds dy to the first element, of kR rows of kS pixels from x on, that is the largest; rows are `row` elements apart.
template <int kR, int kS>
void add_to_first_largest_of(const std::int16_t* x, std::int64_t row, const std::int16_t* dy, std::int32_t* dx) {
    __m256i element[kR * kS];
    __m256i best = _mm256_set1_epi16(INT16_MIN);
    for (int i = 0; i < kR * kS; ++i) {
        element[i] = channels_of(x + i / kS * row + i % kS * kLanes);
        best = _mm256_max_epi16(best, element[i]);
    }
    const __m512i gradient = pixel_of(dy);
    __mmask16 left = 0xFFFF;
    for (int i = 0; i < kR * kS; ++i) {
        std::int32_t* to = dx + i / kS * row + i % kS * kLanes;
        const __mmask16 here = _mm256_mask_cmpeq_epi16_mask(left, element[i], best);
        left = static_cast<__mmask16>(left & ~here);
        const __m512i sum = _mm512_loadu_si512(to);
        _mm512_storeu_si512(to, _mm512_mask_add_epi32(sum, here, sum, gradient));
    }
}

template <int kR, int kS>
void max_pool_backward_row_of(const PoolPlane& g, std::int64_t p, const std::int16_t* x, const std::int16_t* dy,
                              std::int32_t* dx) {
    const Window of_plane = window_of(p, g.stride_h, g.pad_h, kR, g.H);
    const Window rows = {0, of_plane.end - of_plane.first};
    const std::int64_t row = g.W * kLanes;
    x += of_plane.first * row;
    for (std::int64_t q = 0; q < g.Q; ++q, dy += kLanes) {
        const Window columns = window_of(q, g.stride_w, g.pad_w, kS, g.W);
        const std::int64_t first = columns.first * kLanes;
        if (rows.end == kR && columns.end - columns.first == kS) {
            add_to_first_largest_of<kR, kS>(x + first, row, dy, dx + first);
        } else {
            Mantissas best;
            largest_of_window(x, g.W, rows, columns, best);
            add_to_first_largest(x, g.W, rows, columns, best, dy, dx);
        }
    }
}

void max_pool_backward_row_vectors(const PoolPlane& g, std::int64_t p, const std::int16_t* x, const std::int16_t* dy,
                                   std::int32_t* dx) {
    const std::int16_t* of_row = dy + p * g.Q * kLanes;
    if (g.R == 3 && g.S == 3) return max_pool_backward_row_of<3, 3>(g, p, x, of_row, dx);
    if (g.R == 2 && g.S == 2) return max_pool_backward_row_of<2, 2>(g, p, x, of_row, dx);
    max_pool_backward_row(g, p, x, dy, dx);
}

}  // namespace
}  // namespace dfp16::fast
