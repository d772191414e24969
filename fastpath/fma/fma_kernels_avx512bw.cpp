#include <immintrin.h>

#include "fastpath/fma/fma_kernels.h"

namespace dfp16::fast {
namespace {

constexpr int kLargestTile = 8;  // as many addresses of rows as fit the general registers

struct Lanes {
    __m512 all;

    static Lanes load(const float* from) { return {_mm512_loadu_ps(from)}; }
    void store(float* to) const { _mm512_storeu_ps(to, all); }
};

inline Lanes fma(float a, const Lanes& b, const Lanes& c) {
    return {_mm512_fmadd_ps(_mm512_set1_ps(a), b.all, c.all)};
}

}  // namespace
}  // namespace dfp16::fast

#include "fastpath/fma/fma_kernels.inc"

namespace dfp16::fast {

const FmaKernels kFmaKernelsAvx512bw = kFmaKernels;

}  // namespace dfp16::fast
