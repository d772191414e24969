// Max pooling on mantissas (contract section 8). x (N,C,H,W), y (N,C,P,Q).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

void max_pool_forward(const PoolParams& pool, const HostTensor& x, HostTensor& y, GoldenContext& context);
void max_pool_backward(const PoolParams& pool, const HostTensor& x, const HostTensor& dy, HostTensor& dx,
                       GoldenContext& context);

}  // namespace dfp16
