#include "fastpath/elementwise/kernel_list.h"

namespace dfp16::fast {

const KernelTable kKernelsAvx2 = kKernels;

}  // namespace dfp16::fast
