// Concatenation along the channels (contract section 8): parts (N,Ci,H,W), whole (N,sum of Ci,H,W), all DFP-16.
#pragma once

#include <span>

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

void concat_forward(const ConcatParams& concat, std::span<const HostTensor* const> parts, HostTensor& y,
                    GoldenContext& context);
void concat_backward(const HostTensor& dy, std::span<HostTensor* const> parts, GoldenContext& context);

}  // namespace dfp16
