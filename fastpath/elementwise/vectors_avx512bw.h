// What the AVX-512 forms of kernels share.
#pragma once

#include <immintrin.h>

#include "fastpath/elementwise/kernel_table.h"

namespace dfp16::fast {
namespace {

/// One pixel: 16 mantissas as integers.
inline __m512i pixel_of(const std::int16_t* m) {
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(m)));
}

inline __m256i clamped(__m256i mantissas, std::int32_t limit) {
    const __m256i most = _mm256_set1_epi16(static_cast<std::int16_t>(limit));
    return _mm256_max_epi16(_mm256_min_epi16(mantissas, most), _mm256_sub_epi16(_mm256_setzero_si256(), most));
}

inline __mmask16 positive_of(__m256i mantissas) {
    return _mm256_cmpgt_epi16_mask(mantissas, _mm256_setzero_si256());
}

/// shift_round_direct() of 16 integers.
class DirectRounding {
public:
    explicit DirectRounding(const ShiftRounding& r)
        : shift_(_mm_cvtsi32_si128(r.shift)),
          bias_(_mm512_set1_epi32(static_cast<int>(r.bias))),
          odd_(_mm512_set1_epi32(static_cast<int>(r.odd))) {}

    __m512i operator()(__m512i v) const {
        const __m512i odd = _mm512_and_si512(_mm512_sra_epi32(v, shift_), odd_);
        return _mm512_sra_epi32(_mm512_add_epi32(_mm512_add_epi32(v, bias_), odd), shift_);
    }

private:
    __m128i shift_;
    __m512i bias_, odd_;
};

/// One pixel's mantissas at element i, by the bits or the mask of SumsToMantissas or AddToMantissas.
template <typename Masks>
__m256i masked(const Masks& in, std::int64_t i, __m256i mantissas) {
    if (in.mask_bits != nullptr) return _mm256_maskz_mov_epi16(in.mask_bits[i / kLanes], mantissas);
    if (in.mask == nullptr) return mantissas;
    const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in.mask + i));
    return _mm256_maskz_mov_epi16(positive_of(y), mantissas);
}

/// Integers of one pixel to mantissas, which it gives.
inline __m256i store_clamped(std::int16_t* to, __m512i v, std::int32_t limit) {
    const __m256i mantissas = clamped(_mm512_cvtsepi32_epi16(v), limit);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), mantissas);
    return mantissas;
}

}  // namespace
}  // namespace dfp16::fast
