#pragma once

#include "reference/interface/host_tensor.h"

namespace dfp16 {

/// Throws InputError for a mantissa of -32768 (contract section 2), naming operand ("first") and index.
void reject_lowest(const HostTensor& operand, const char* which);

}  // namespace dfp16
