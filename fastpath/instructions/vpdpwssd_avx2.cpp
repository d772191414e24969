#include <immintrin.h>

#include "fastpath/instructions/instruction_table.h"

namespace dfp16::fast {

void vpdpwssd_avx2(const InstructionRun& run) {
    const std::int16_t* a = run.a;
    const std::int16_t* b = run.b;
    const std::int32_t* c = run.c;
    std::int32_t* d = run.d;
    for (std::int64_t i = 0; i < run.count; ++i) {
        if (run.lanes == 8) {
            const __m256i a8 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
            const __m256i b8 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
            const __m256i c8 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(c));
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(d), _mm256_add_epi32(c8, _mm256_madd_epi16(a8, b8)));
        } else {
            const __m128i a4 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
            const __m128i b4 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
            const __m128i c4 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(c));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(d), _mm_add_epi32(c4, _mm_madd_epi16(a4, b4)));
        }
        a += 2 * run.lanes;
        b += 2 * run.lanes;
        c += run.lanes;
        d += run.lanes;
    }
}

}  // namespace dfp16::fast
