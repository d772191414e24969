// Images in AVX-512: what interleave_kernel.h does, of at most four channels.
#pragma once

#include "fastpath/elementwise/interleave_kernel.h"
#include "fastpath/elementwise/vectors_avx512bw.h"

namespace dfp16::fast {
namespace {

/// 16 pixels of a channel.
inline __m256i mantissas_of(const float* x, __m512 scale, std::int32_t limit) {
    const __m512i integers = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x), scale));
    return clamped(_mm512_cvtsepi32_epi16(integers), limit);
}

/// Four channels of a pixel at quarters `first` and `first` + 1 of `pixels` become two pixels of 16.
template <int kFirst>
void store_two_pixels(std::int16_t* y, __m256i pixels) {
    const __m512i places = _mm512_setr_epi64(kFirst, 0, 0, 0, kFirst + 1, 0, 0, 0);
    _mm512_storeu_si512(y, _mm512_maskz_permutexvar_epi64(0x11, places, _mm512_castsi256_si512(pixels)));
}

void quantize_channels_vectors(const float* x, std::int64_t channel_step, std::int64_t channels, std::int64_t pixels,
                               float scale, std::int32_t limit, std::int16_t* y) {
    const __m512 scales = _mm512_set1_ps(scale);
    std::int64_t p = 0;
    for (; p + 16 <= pixels && channels <= 4; p += 16, y += 16 * kLanes) {
        __m256i of_channel[4] = {};
        for (std::int64_t c = 0; c < channels; ++c) {
            of_channel[c] = mantissas_of(x + c * channel_step + p, scales, limit);
        }
        // By halves of eight pixels: 0 to 3, 4 to 7, each of two channels; then pairs of pixels of all four.
        const __m256i low_01 = _mm256_unpacklo_epi16(of_channel[0], of_channel[1]);
        const __m256i low_23 = _mm256_unpacklo_epi16(of_channel[2], of_channel[3]);
        const __m256i high_01 = _mm256_unpackhi_epi16(of_channel[0], of_channel[1]);
        const __m256i high_23 = _mm256_unpackhi_epi16(of_channel[2], of_channel[3]);
        const __m256i pairs[4] = {_mm256_unpacklo_epi32(low_01, low_23), _mm256_unpackhi_epi32(low_01, low_23),
                                  _mm256_unpacklo_epi32(high_01, high_23), _mm256_unpackhi_epi32(high_01, high_23)};
        for (int i = 0; i < 4; ++i) {
            store_two_pixels<0>(y + 2 * i * kLanes, pairs[i]);
            store_two_pixels<2>(y + (8 + 2 * i) * kLanes, pairs[i]);
        }
    }
    quantize_channels_pixels(x + p, channel_step, channels, pixels - p, scale, limit, y);
}

}  // namespace
}  // namespace dfp16::fast
