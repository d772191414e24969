// Matrix product and the fully connected layer's passes under policy `fma` (contract sections 5 and 7): FP32 operands.
#pragma once

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/ops/context.h"

namespace dfp16 {

/// a (M,K), b (K,N) -> c (M,N).
void fma_gemm(const GemmParams& gemm, const HostTensor& a, const HostTensor& b, HostTensor& c, GoldenContext& context);

/// x (N,...) seen as (N,C), w (K,C) -> y (N,K).
void fma_fc_forward(const FcParams& fc, const HostTensor& x, const HostTensor& w, HostTensor& y,
                    GoldenContext& context);
/// dy (N,K), w (K,C) -> dx (N,C).
void fma_fc_backward_data(const FcParams& fc, const HostTensor& dy, const HostTensor& w, HostTensor& dx,
                          GoldenContext& context);
/// x (N,C), dy (N,K) -> dw (K,C).
void fma_fc_weight_gradient(const FcParams& fc, const HostTensor& x, const HostTensor& dy, HostTensor& dw,
                            GoldenContext& context);

}  // namespace dfp16
