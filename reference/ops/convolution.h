// Convolution, the three passes (contract section 7). x (N,C,H,W), w (K,C/groups,R,S), y (N,K,P,Q).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

void conv_forward(const ConvParams& conv, const HostTensor& x, const HostTensor& w, HostTensor& y,
                  GoldenContext& context);
void conv_backward_data(const ConvParams& conv, const HostTensor& dy, const HostTensor& w, HostTensor& dx,
                        GoldenContext& context);
void conv_weight_gradient(const ConvParams& conv, const HostTensor& x, const HostTensor& dy, HostTensor& dw,
                          GoldenContext& context);

}  // namespace dfp16
