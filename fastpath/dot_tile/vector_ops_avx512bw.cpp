#include <immintrin.h>

#include "fastpath/dot_tile/transpose_rows.inc"

namespace dfp16::fast {

namespace {

// Eight sums below 2^53 as FP32; notes their bits and the largest magnitude.
inline __m256 eight_results(const std::int64_t* sums, __m512d scale, __m512i& bits, __m256i& largest) {
    const __m512i eight = _mm512_loadu_si512(sums);
    bits = _mm512_or_si512(bits, _mm512_xor_si512(eight, _mm512_srai_epi64(eight, 63)));
    const __m256 results = _mm512_cvtpd_ps(_mm512_mul_pd(_mm512_cvtepi64_pd(eight), scale));
    const __m256i magnitudes = _mm256_and_si256(_mm256_castps_si256(results), _mm256_set1_epi32(0x7FFFFFFF));
    largest = _mm256_max_epi32(largest, magnitudes);
    return results;
}

std::uint32_t largest_of(__m256i magnitudes) {
    const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(magnitudes), _mm256_extracti128_si256(magnitudes, 1));
    const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xB1))));
}

// Rows of whole vectors, which most are; sums from 2^53 on are left to the general loop.
std::uint32_t finish_exact_16(const FinishArguments& in) {
    if (in.count % 16 != 0) return finish_exact(in);
    const __m512d scale = _mm512_set1_pd(in.scale);
    __m512i bits = _mm512_setzero_si512();
    __m256i largest = _mm256_setzero_si256();
    const auto* sums = static_cast<const std::int64_t*>(in.sums);
    auto* out = static_cast<float*>(in.out);
    for (std::int64_t row = 0; row < in.rows; ++row, sums += in.sums_stride, out += in.out_stride) {
        for (std::int64_t i = 0; i < in.count; i += 16) {
            const __m256 low = eight_results(sums + i, scale, bits, largest);
            const __m256 high = eight_results(sums + i + 8, scale, bits, largest);
            const __m512 row_results = _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
            if (in.stream) {
                _mm512_stream_ps(out + i, row_results);
            } else {
                _mm512_storeu_ps(out + i, row_results);
            }
        }
    }
    if (_mm512_cmpge_epu64_mask(bits, _mm512_set1_epi64(std::int64_t{1} << 53)) != 0) return finish_exact(in);
    return largest_of(largest);
}

std::uint32_t finish_exact_short_16(const FinishArguments& in) {
    if (in.count % 16 != 0) return finish_exact_short(in);
    const __m512d scale = _mm512_set1_pd(in.scale);
    __m512i largest = _mm512_setzero_si512();
    const auto* sums = static_cast<const std::int32_t*>(in.sums);
    auto* out = static_cast<float*>(in.out);
    for (std::int64_t row = 0; row < in.rows; ++row, sums += in.sums_stride, out += in.out_stride) {
        for (std::int64_t i = 0; i < in.count; i += 16) {
            const __m512i sixteen = _mm512_loadu_si512(sums + i);
            const __m512d low = _mm512_cvtepi32_pd(_mm512_castsi512_si256(sixteen));
            const __m512d high = _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(sixteen, 1));
            const __m512 results =
                _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(_mm512_mul_pd(low, scale))),
                                   _mm512_cvtpd_ps(_mm512_mul_pd(high, scale)), 1);
            const __m512i magnitudes = _mm512_and_si512(_mm512_castps_si512(results), _mm512_set1_epi32(0x7FFFFFFF));
            largest = _mm512_max_epi32(largest, magnitudes);
            if (in.stream) {
                _mm512_stream_ps(out + i, results);
            } else {
                _mm512_storeu_ps(out + i, results);
            }
        }
    }
    return largest_of(_mm256_max_epi32(_mm512_castsi512_si256(largest), _mm512_extracti64x4_epi64(largest, 1)));
}

// Two rows are one vector.
void interleave_two_rows(const std::int16_t* rows, std::int64_t count, std::int16_t* out, std::int64_t out_stride) {
    alignas(64) std::int16_t order[32];
    for (int i = 0; i < 32; ++i) order[i] = static_cast<std::int16_t>(i / 2 + i % 2 * 16);
    const __m512i places = _mm512_load_si512(order);
    std::int64_t i = 0;
    for (; i + 1 < count; i += 2, rows += 32, out += out_stride) {
        _mm512_storeu_si512(out, _mm512_permutexvar_epi16(places, _mm512_loadu_si512(rows)));
    }
    interleave_rows(rows, count - i, out, out_stride);
}

// A pair's magnitudes are at most 32767 each: their sum by VPMADDWD with ones.
std::uint32_t chunk_l1_16(const std::int16_t* packed, std::int64_t pairs, std::int64_t lanes, std::int64_t chunk,
                          std::uint32_t* l1) {
    __m512i largest = _mm512_setzero_si512();
    const __m512i ones = _mm512_set1_epi16(1);
    for (std::int64_t begin = 0; begin < pairs; begin += chunk) {
        const std::int64_t end = begin + chunk < pairs ? begin + chunk : pairs;
        for (std::int64_t lane = 0; lane < lanes; lane += 16, l1 += 16) {
            __m512i sum = _mm512_setzero_si512();
            for (std::int64_t i = begin; i < end; ++i) {
                const __m512i magnitudes = _mm512_abs_epi16(_mm512_loadu_si512(packed + 2 * (i * lanes + lane)));
                sum = _mm512_add_epi32(sum, _mm512_madd_epi16(magnitudes, ones));
            }
            _mm512_storeu_si512(l1, sum);
            largest = _mm512_max_epi32(largest, sum);
        }
    }
    return largest_of(_mm256_max_epi32(_mm512_castsi512_si256(largest), _mm512_extracti64x4_epi64(largest, 1)));
}

constexpr VectorOps with_vectors(VectorOps ops) {
    ops.finish_exact = finish_exact_16;
    ops.finish_exact_short = finish_exact_short_16;
    ops.chunk_l1 = chunk_l1_16;
    ops.interleave_rows = interleave_two_rows;
    ops.transpose_rows = transpose_rows_16;
    return ops;
}

}  // namespace

const VectorOps kVectorOpsAvx512bw = with_vectors(kOps);

}  // namespace dfp16::fast
