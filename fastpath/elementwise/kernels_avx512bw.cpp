#include "fastpath/elementwise/kernel_list.h"

namespace dfp16::fast {

const KernelTable kKernelsAvx512bw = kKernels;

}  // namespace dfp16::fast
