#include "fastpath/instructions/evex_lanes.inc"

namespace dfp16::fast {

namespace {

struct Instruction {
    static __m512i plain(__m512i c, __m512i a, __m512i b) { return _mm512_dpwssd_epi32(c, a, b); }
    static __m512i merge(__m512i c, std::uint32_t k, __m512i a, __m512i b) {
        return _mm512_mask_dpwssd_epi32(c, static_cast<__mmask16>(k), a, b);
    }
    static __m512i zero(std::uint32_t k, __m512i c, __m512i a, __m512i b) {
        return _mm512_maskz_dpwssd_epi32(static_cast<__mmask16>(k), c, a, b);
    }
    static __m256i plain(__m256i c, __m256i a, __m256i b) { return _mm256_dpwssd_epi32(c, a, b); }
    static __m256i merge(__m256i c, std::uint32_t k, __m256i a, __m256i b) {
        return _mm256_mask_dpwssd_epi32(c, static_cast<__mmask8>(k), a, b);
    }
    static __m256i zero(std::uint32_t k, __m256i c, __m256i a, __m256i b) {
        return _mm256_maskz_dpwssd_epi32(static_cast<__mmask8>(k), c, a, b);
    }
    static __m128i plain(__m128i c, __m128i a, __m128i b) { return _mm_dpwssd_epi32(c, a, b); }
    static __m128i merge(__m128i c, std::uint32_t k, __m128i a, __m128i b) {
        return _mm_mask_dpwssd_epi32(c, static_cast<__mmask8>(k), a, b);
    }
    static __m128i zero(std::uint32_t k, __m128i c, __m128i a, __m128i b) {
        return _mm_maskz_dpwssd_epi32(static_cast<__mmask8>(k), c, a, b);
    }
};

}  // namespace

void vpdpwssd_avx512vnni(const InstructionRun& run) {
    run_evex<Instruction>(run);
}

}  // namespace dfp16::fast
