// Dropout (contract section 8): DFP-16 in, FP32 out, both ways with the same random words.
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

void dropout_forward(const DropoutParams& dropout, const HostTensor& x, HostTensor& y, GoldenContext& context);
void dropout_backward(const DropoutParams& dropout, const HostTensor& dy, HostTensor& dx, GoldenContext& context);

}  // namespace dfp16
