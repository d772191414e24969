#pragma once

#include "fastpath/elementwise/kernel_table.h"
#include "fastpath/isa.h"

namespace dfp16::fast {

/// The kernels compiled for an ISA. avx512vnni shares those of avx512bw: VNNI only has sums of products.
const KernelTable& kernels_of(Isa isa);

}  // namespace dfp16::fast
