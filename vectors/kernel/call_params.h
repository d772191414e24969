// Parameters of an operation as the plain struct that kernels get.
#pragma once

#include "reference/interface/operation.h"
#include "vectors/case_header.h"
#include "vectors/kernel/dfp16_kernel.h"

namespace dfp16::kernel {

/// `channels` points into the header.
dfp16_params params_of(const CaseHeader& header);

}  // namespace dfp16::kernel
