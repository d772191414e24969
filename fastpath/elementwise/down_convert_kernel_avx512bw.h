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
        const __m256i mantissas = masked(in, i, clamped(_mm512_cvtsepi32_epi16(round(v)), in.limit));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(in.y + i), mantissas);
    }
    return static_cast<std::uint32_t>(_mm512_reduce_max_epu32(largest));
}

}  // namespace
}  // namespace dfp16::fast
