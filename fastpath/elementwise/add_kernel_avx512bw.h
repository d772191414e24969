// add in AVX-512: the one pass of add_kernel.h, 16 sums a vector.
#pragma once

#include "fastpath/elementwise/add_kernel.h"
#include "fastpath/elementwise/vectors_avx512bw.h"

namespace dfp16::fast {
namespace {

/// shift_round_direct() of 32 INT16.
class NarrowRounding {
public:
    explicit NarrowRounding(const ShiftRounding& r)
        : shift_(_mm_cvtsi32_si128(r.shift)),
          bias_(_mm512_set1_epi16(static_cast<std::int16_t>(r.bias))),
          odd_(_mm512_set1_epi16(static_cast<std::int16_t>(r.odd))) {}

    __m512i operator()(__m512i v) const {
        const __m512i odd = _mm512_and_si512(_mm512_sra_epi16(v, shift_), odd_);
        return _mm512_sra_epi16(_mm512_add_epi16(_mm512_add_epi16(v, bias_), odd), shift_);
    }

private:
    __m128i shift_;
    __m512i bias_, odd_;
};

struct Added {
    std::int64_t count;  ///< how many sums are done, from the first
    std::uint32_t largest;
};

/// Two pixels at a time.
template <bool kStream>
Added add_narrow(const AddToMantissas& sums, std::int64_t count) {
    const AddToMantissas in = sums;
    const NarrowRounding align(in.alignment);
    const NarrowRounding round(in.rounding);
    const __m512i floor = _mm512_set1_epi16(in.relu ? std::int16_t{0} : std::int16_t{-INT16_MAX});
    const Bounds bounds(in.limit, in.relu);
    __m512i largest = _mm512_setzero_si512();
    std::int64_t i = 0;
    for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
        fetch_ahead(in.fixed + i);
        fetch_ahead(in.aligned + i);
        const __m512i aligned = align(_mm512_loadu_si512(in.aligned + i));
        const __m512i v = _mm512_max_epi16(_mm512_add_epi16(_mm512_loadu_si512(in.fixed + i), aligned), floor);
        largest = _mm512_max_epi16(largest, _mm512_abs_epi16(v));
        __m512i mantissas = bounds(round(v));
        if (in.mask_bits != nullptr) {
            __mmask32 bits;
            __builtin_memcpy(&bits, in.mask_bits + i / kLanes, sizeof bits);
            mantissas = _mm512_maskz_mov_epi16(bits, mantissas);
        } else if (in.mask != nullptr) {
            const __m512i y = _mm512_loadu_si512(in.mask + i);
            mantissas = _mm512_maskz_mov_epi16(_mm512_cmpgt_epi16_mask(y, _mm512_setzero_si512()), mantissas);
        }
        if (in.positive != nullptr) store_positive(in.positive + i / kLanes, mantissas);
        store_two<kStream>(in.y + i, mantissas);
    }
    const __m512i upper = _mm512_srli_epi32(largest, 16);
    const __m512i lower = _mm512_and_si512(largest, _mm512_set1_epi32(0xFFFF));
    return {i, static_cast<std::uint32_t>(_mm512_reduce_max_epi32(_mm512_max_epi32(upper, lower)))};
}

/// One pixel at a time.
Added add_wide(const AddToMantissas& sums, std::int64_t count) {
    const AddToMantissas in = sums;
    const DirectRounding align(in.alignment);
    const DirectRounding round(in.rounding);
    const __m512i floor = _mm512_set1_epi32(in.relu ? 0 : -0x7FFFFFFF);
    __m512i largest = _mm512_setzero_si512();
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const __m512i sum = _mm512_add_epi32(pixel_of(in.fixed + i), align(pixel_of(in.aligned + i)));
        const __m512i v = _mm512_max_epi32(sum, floor);
        largest = _mm512_max_epi32(largest, _mm512_abs_epi32(v));
        const __m256i mantissas = masked(in, i, clamped(_mm512_cvtsepi32_epi16(round(v)), in.limit));
        if (in.positive != nullptr) in.positive[i / kLanes] = positive_of(mantissas);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(in.y + i), mantissas);
    }
    return {i, static_cast<std::uint32_t>(_mm512_reduce_max_epi32(largest))};
}

AddToMantissas behind(AddToMantissas in, std::int64_t count) {
    in.fixed += count;
    in.aligned += count;
    in.y += count;
    if (in.mask != nullptr) in.mask += count;
    if (in.mask_bits != nullptr) in.mask_bits += count / kLanes;
    if (in.positive != nullptr) in.positive += count / kLanes;
    return in;
}

std::uint32_t larger(std::uint32_t a, std::uint32_t b) {
    return a > b ? a : b;
}

/// Bits come by whole pixels, so that the loop at the end has none left to write.
std::uint32_t add_to_mantissas_vectors(const AddToMantissas& in, std::int64_t count) {
    Added narrow{0, 0};
    if (in.narrow && in.alignment.shift <= 14 && in.rounding.shift <= 14)
        narrow = (in.stream && begins_line(in.y) ? add_narrow<true> : add_narrow<false>)(in, count);
    if (narrow.count == count) return narrow.largest;
    const AddToMantissas rest = behind(in, narrow.count);
    const Added wide = add_wide(rest, count - narrow.count);
    const std::uint32_t largest = larger(narrow.largest, wide.largest);
    if (narrow.count + wide.count == count) return largest;
    const std::int64_t left = count - narrow.count - wide.count;
    return larger(largest, add_to_mantissas_flat(behind(rest, wide.count), left));
}

}  // namespace
}  // namespace dfp16::fast
