#include "fastpath/elementwise/kernel_list.h"

namespace dfp16::fast {

const KernelTable kKernelsPortable = kKernels;

}  // namespace dfp16::fast
