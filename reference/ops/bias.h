// Bias (contract section 8): x, y (N,K,...) FP32, b (K).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/ops/context.h"

namespace dfp16 {

void bias_forward(const HostTensor& x, const HostTensor& b, HostTensor& y, GoldenContext& context);
/// dy (N,K,...) -> db FP32 (K). DFP-16: the exact sum, rounded once; FP32: image by image, then their tree.
void bias_gradient(const HostTensor& dy, HostTensor& db, GoldenContext& context);

}  // namespace dfp16
