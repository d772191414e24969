// Local response normalization across channels (contract section 8): DFP-16 in, FP32 out, both ways. x, y, dy, dx
// (N,C,...).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

void lrn_forward(const LrnParams& lrn, const HostTensor& x, HostTensor& y, GoldenContext& context);
void lrn_backward(const LrnParams& lrn, const HostTensor& x, const HostTensor& dy, HostTensor& dx,
                  GoldenContext& context);

}  // namespace dfp16
