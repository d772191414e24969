// down-convert in AVX-512: the one pass of down_convert_kernel.h, 16 sums a vector.
#pragma once

#include "fastpath/elementwise/down_convert_kernel.h"
#include "fastpath/elementwise/vectors_avx512bw.h"

namespace dfp16::fast {
namespace {

std::uint32_t sums_to_mantissas_vectors(const SumsToMantissas& sums, std::int64_t count) {
    const SumsToMantissas in = sums;
    if (count % kLanes != 0) return sums_to_mantissas_flat(in, count);
    const DirectRounding round(in.rounding);
    __m512i largest = _mm512_setzero_si512();
    for (std::int64_t i = 0; i < count; i += kLanes) {
        const __m512i v = _mm512_loadu_si512(in.v + i);
        largest = _mm512_max_epu32(largest, _mm512_abs_epi32(v));
        __m256i mantissas = clamped(_mm512_cvtsepi32_epi16(round(v)), in.limit);
        if (in.mask_bits != nullptr) {
            mantissas = _mm256_maskz_mov_epi16(in.mask_bits[i / kLanes], mantissas);
        } else if (in.mask != nullptr) {
            const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in.mask + i));
            mantissas = _mm256_maskz_mov_epi16(positive_of(y), mantissas);
        }
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(in.y + i), mantissas);
    }
    return static_cast<std::uint32_t>(_mm512_reduce_max_epu32(largest));
}

}  // namespace
}  // namespace dfp16::fast
