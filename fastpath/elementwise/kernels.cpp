#include "fastpath/elementwise/kernels.h"

namespace dfp16::fast {

const KernelTable& kernels_of(Isa isa) {
    switch (isa) {
        case Isa::portable: return kKernelsPortable;
        case Isa::avx2: return kKernelsAvx2;
        case Isa::avx512bw:
        case Isa::avx512vnni:
        case Isa::amx: return kKernelsAvx512bw;
    }
    return kKernelsPortable;
}

}  // namespace dfp16::fast
