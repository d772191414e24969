// ReLU (contract section 8), on FP32 or on mantissas.
#pragma once

#include "reference/interface/host_tensor.h"

namespace dfp16 {

void relu_forward(const HostTensor& x, HostTensor& y);
/// dx = dy where y > 0, else 0.
void relu_backward(const HostTensor& dy, const HostTensor& y, HostTensor& dx);

}  // namespace dfp16
