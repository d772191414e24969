#include <immintrin.h>

#include "fastpath/fma/fma_kernels.h"

namespace dfp16::fast {
namespace {

constexpr int kLargestTile = 6;  // 12 of 16 registers

struct Lanes {
    __m256 low, high;

    static Lanes load(const float* from) { return {_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)}; }
    void store(float* to) const {
        _mm256_storeu_ps(to, low);
        _mm256_storeu_ps(to + 8, high);
    }
};

inline Lanes fma(float a, const Lanes& b, const Lanes& c) {
    const __m256 all = _mm256_set1_ps(a);
    return {_mm256_fmadd_ps(all, b.low, c.low), _mm256_fmadd_ps(all, b.high, c.high)};
}

}  // namespace
}  // namespace dfp16::fast

#include "fastpath/fma/fma_kernels.inc"

namespace dfp16::fast {

const FmaKernels kFmaKernelsAvx2 = kFmaKernels;

}  // namespace dfp16::fast
