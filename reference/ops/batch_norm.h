// Batch norm (contract section 9). x, y (N,C,...), the rest (C).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

/// x DFP-16. running_mean and running_var are updated in place.
void batch_norm_forward(const BatchNormParams& params, const HostTensor& x, const HostTensor& gamma,
                        const HostTensor& beta, HostTensor& y, HostTensor& mean, HostTensor& invstd,
                        HostTensor& running_mean, HostTensor& running_var, GoldenContext& context);

void batch_norm_inference(const BatchNormParams& params, const HostTensor& x, const HostTensor& gamma,
                          const HostTensor& beta, const HostTensor& running_mean, const HostTensor& running_var,
                          HostTensor& y, GoldenContext& context);

/// x, dy DFP-16.
void batch_norm_backward(const HostTensor& x, const HostTensor& dy, const HostTensor& gamma, const HostTensor& mean,
                         const HostTensor& invstd, HostTensor& dx, HostTensor& dgamma, HostTensor& dbeta,
                         GoldenContext& context);

}  // namespace dfp16
