// ReLU (contract section 8), on FP32 or on mantissas.
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/ops/context.h"

namespace dfp16 {

void relu_forward(const HostTensor& x, HostTensor& y, GoldenContext& context);
/// dx = dy where y > 0, else 0. dy and y may differ in type.
void relu_backward(const HostTensor& dy, const HostTensor& y, HostTensor& dx, GoldenContext& context);

}  // namespace dfp16
