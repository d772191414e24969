#include "fastpath/fma/fma_kernels.h"

namespace dfp16::fast {
namespace {

constexpr int kLargestTile = 4;

struct Lanes {
    float v[kFmaLanes];

    static Lanes load(const float* from) {
        Lanes lanes;
        for (int i = 0; i < kFmaLanes; ++i) lanes.v[i] = from[i];
        return lanes;
    }
    void store(float* to) const {
        for (int i = 0; i < kFmaLanes; ++i) to[i] = v[i];
    }
};

inline Lanes fma(float a, const Lanes& b, const Lanes& c) {
    Lanes sum;
    for (int i = 0; i < kFmaLanes; ++i) sum.v[i] = __builtin_fmaf(a, b.v[i], c.v[i]);
    return sum;
}

}  // namespace
}  // namespace dfp16::fast

#include "fastpath/fma/fma_kernels.inc"

namespace dfp16::fast {

const FmaKernels kFmaKernelsPortable = kFmaKernels;

}  // namespace dfp16::fast
