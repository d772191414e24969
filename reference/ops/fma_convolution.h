// Convolution's three passes under policy `fma` (contract sections 5 and 7): FP32 operands. x (N,C,H,W), w
// (K,C/groups,R,S), y and dy (N,K,P,Q).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

void fma_conv_forward(const ConvParams& conv, const HostTensor& x, const HostTensor& w, HostTensor& y,
                      GoldenContext& context);
void fma_conv_backward_data(const ConvParams& conv, const HostTensor& dy, const HostTensor& w, HostTensor& dx,
                            GoldenContext& context);
void fma_conv_weight_gradient(const ConvParams& conv, const HostTensor& x, const HostTensor& dy, HostTensor& dw,
                              GoldenContext& context);

}  // namespace dfp16
