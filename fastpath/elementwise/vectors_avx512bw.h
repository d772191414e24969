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

/// Two pixels' integers, side by side, as INT16 where that holds them, else its nearest end.
inline __m512i two_pixels(__m512i first, __m512i second) {
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    return _mm512_permutexvar_epi64(order, _mm512_packs_epi32(first, second));
}

/// Fetches what lies 4 KiB behind m, a line: loops that do one thing after the other with a tile leave the hardware
/// too few loads to go by.
inline void fetch_ahead(const std::int16_t* m) {
    _mm_prefetch(reinterpret_cast<const char*>(m) + 4096, _MM_HINT_T0);
}

/// Whether 64 bytes at a time may bypass the caches from here on.
inline bool begins_line(const std::int16_t* to) {
    return reinterpret_cast<std::uintptr_t>(to) % 64 == 0;
}

/// Clamps 32 mantissas to +-limit, with relu from 0.
class Bounds {
public:
    Bounds(std::int32_t limit, bool relu)
        : least_(_mm512_set1_epi16(static_cast<std::int16_t>(relu ? 0 : -limit))),
          most_(_mm512_set1_epi16(static_cast<std::int16_t>(limit))) {}

    __m512i operator()(__m512i mantissas) const { return _mm512_max_epi16(_mm512_min_epi16(mantissas, most_), least_); }

private:
    __m512i least_, most_;
};

/// Two words of bits: which mantissas are above zero.
inline void store_positive(std::uint16_t* to, __m512i mantissas) {
    const __mmask32 bits = _mm512_cmpgt_epi16_mask(mantissas, _mm512_setzero_si512());
    __builtin_memcpy(to, &bits, sizeof bits);
}

template <bool kStream>
void store_two(std::int16_t* to, __m512i mantissas) {
    kStream ? _mm512_stream_si512(reinterpret_cast<__m512i*>(to), mantissas) : _mm512_storeu_si512(to, mantissas);
}

inline void copy_past_caches_vectors(const std::int16_t* from, std::int64_t count, std::int16_t* to) {
    std::int64_t i = 0;
    for (; begins_line(to) && i + 2 * kLanes <= count; i += 2 * kLanes) {
        store_two<true>(to + i, _mm512_loadu_si512(from + i));
    }
    for (; i < count; ++i) to[i] = from[i];
}

/// Integers of one pixel to mantissas, which it gives.
inline __m256i store_clamped(std::int16_t* to, __m512i v, std::int32_t limit) {
    const __m256i mantissas = clamped(_mm512_cvtsepi32_epi16(v), limit);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), mantissas);
    return mantissas;
}

}  // namespace
}  // namespace dfp16::fast
