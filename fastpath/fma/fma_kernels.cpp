#include "fastpath/fma/fma_kernels.h"

namespace dfp16::fast {

const FmaKernels& fma_kernels(Isa isa) {
    switch (isa) {
        case Isa::portable: return kFmaKernelsPortable;
        case Isa::avx2: return kFmaKernelsAvx2;
        case Isa::avx512bw:
        case Isa::avx512vnni:
        case Isa::amx: return kFmaKernelsAvx512bw;
    }
    return kFmaKernelsPortable;
}

}  // namespace dfp16::fast
