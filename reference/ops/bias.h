// Bias (contract section 8): x, y (N,K,...) FP32, b (K).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/ops/context.h"

namespace dfp16 {

void bias_forward(const HostTensor& x, const HostTensor& b, HostTensor& y);
/// dy DFP-16 (N,K,...) -> db FP32 (K): the exact sum, rounded once.
void bias_gradient(const HostTensor& dy, HostTensor& db);

}  // namespace dfp16
