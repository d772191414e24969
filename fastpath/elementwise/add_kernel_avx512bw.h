// add in AVX-512: the one pass of add_kernel.h, 16 sums a vector.
#pragma once

#include "fastpath/elementwise/add_kernel.h"
#include "fastpath/elementwise/vectors_avx512bw.h"

namespace dfp16::fast {
namespace {

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

std::uint32_t add_to_mantissas_vectors(const AddToMantissas& in, std::int64_t count) {
    const DirectRounding align(in.alignment);
    const DirectRounding round(in.rounding);
    const __m512i floor = _mm512_set1_epi32(in.relu ? 0 : -0x7FFFFFFF);
    const std::int64_t vectors = count / kLanes;
    __m512i largest = _mm512_setzero_si512();
    for (std::int64_t i = 0; i < vectors * kLanes; i += kLanes) {
        const __m512i sum = _mm512_add_epi32(pixel_of(in.fixed + i), align(pixel_of(in.aligned + i)));
        const __m512i v = _mm512_max_epi32(sum, floor);
        largest = _mm512_max_epi32(largest, _mm512_abs_epi32(v));
        __m256i mantissas = clamped(_mm512_cvtsepi32_epi16(round(v)), in.limit);
        if (in.mask_bits != nullptr) {
            mantissas = _mm256_maskz_mov_epi16(in.mask_bits[i / kLanes], mantissas);
        } else if (in.mask != nullptr) {
            const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in.mask + i));
            mantissas = _mm256_maskz_mov_epi16(positive_of(y), mantissas);
        }
        if (in.positive != nullptr) in.positive[i / kLanes] = positive_of(mantissas);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(in.y + i), mantissas);
    }
    const auto of_vectors = static_cast<std::uint32_t>(_mm512_reduce_max_epi32(largest));
    if (vectors * kLanes == count) return of_vectors;
    AddToMantissas rest = in;
    const std::int64_t done = vectors * kLanes;
    rest.fixed += done;
    rest.aligned += done;
    rest.y += done;
    if (in.mask != nullptr) rest.mask += done;
    const std::uint32_t of_rest = add_to_mantissas_flat(rest, count - done);
    return of_rest > of_vectors ? of_rest : of_vectors;
}

}  // namespace
}  // namespace dfp16::fast
