#include <immintrin.h>

#include "fastpath/instructions/instruction_table.h"

namespace dfp16::fast {

namespace {

// Step m: register m of a, and the pair m of b in every lane.
inline __m512i step(__m512i c, const std::int16_t* a, const std::int16_t* b, int m) {
    std::int32_t pair = 0;
    __builtin_memcpy(&pair, b + 2 * m, sizeof(pair));
    return _mm512_dpwssds_epi32(c, _mm512_loadu_si512(a + 32 * m), _mm512_set1_epi32(pair));
}

}  // namespace

void vp4dpwssds_avx512vnni(const InstructionRun& run) {
    for (std::int64_t i = 0; i < run.count; ++i) {
        const __m512i c = _mm512_loadu_si512(run.c + 16 * i);
        __m512i d = c;
        for (int m = 0; m < 4; ++m) d = step(d, run.a + 128 * i, run.b + 8 * i, m);
        if (run.k != nullptr) {
            const __m512i kept = run.zero ? _mm512_setzero_si512() : c;
            d = _mm512_mask_mov_epi32(kept, static_cast<__mmask16>(run.k[i]), d);
        }
        _mm512_storeu_si512(run.d + 16 * i, d);
    }
}

}  // namespace dfp16::fast
