// The DFP primitives on tensors (contract section 6).
#pragma once

#include <vector>

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

void quantize(const RoundingParams& params, const HostTensor& x, HostTensor& y, GoldenContext& context);
void dequantize(const HostTensor& x, HostTensor& y, GoldenContext& context);
void down_convert(const RoundingParams& params, const HostTensor& x, HostTensor& y, GoldenContext& context);
void multiply(const RoundingParams& params, const HostTensor& a, const HostTensor& b, HostTensor& y,
              GoldenContext& context);
void add(const AddParams& params, const HostTensor& a, const HostTensor& b, HostTensor& y, GoldenContext& context);

/// down_convert of sums that are no tensor.
void down_convert_sums(const RoundingParams& params, const std::vector<Accumulator>& sums, Exponent exponent,
                       HostTensor& y, GoldenContext& context);

}  // namespace dfp16
