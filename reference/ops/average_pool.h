// Average pooling (contract section 8): DFP-16 in, FP32 out, both ways.
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

void average_pool_forward(const PoolParams& pool, const HostTensor& x, HostTensor& y, GoldenContext& context);
void average_pool_backward(const PoolParams& pool, const HostTensor& dy, HostTensor& dx, GoldenContext& context);

}  // namespace dfp16
