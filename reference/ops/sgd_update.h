// SGD with momentum and weight decay on FP32 master weights (contract section 12).
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

/// w and v in place.
void sgd_update(const SgdParams& params, float learning_rate, HostTensor& w, HostTensor& v, const HostTensor& dw,
                GoldenContext& context);

}  // namespace dfp16
