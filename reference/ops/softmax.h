// Softmax cross-entropy (contract section 11). z, p, dz (N,K) FP32, labels (N), loss (1).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"

namespace dfp16 {

void softmax_forward(const HostTensor& z, const HostTensor& labels, HostTensor& p, HostTensor& loss);
void softmax_backward(const LossParams& params, const HostTensor& p, const HostTensor& labels, HostTensor& dz);

}  // namespace dfp16
