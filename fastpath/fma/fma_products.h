// Sums of products of FP32 operands (policy fma; contract sections 5 and 7). Layouts as in products.h. Each writes
// every element of its result, channels beyond the last as zero, and throws InputError for a result that is not finite.
#pragma once

#include "fastpath/products.h"

namespace dfp16::fast {

/// x blocked (N,C,H,W), w plain -> y blocked (N,K,P,Q).
void conv_forward_fma(const Products& products, const ConvParams& conv, const float* x, const float* w, float* y);
/// dy blocked (N,K,P,Q), w plain -> dx blocked (N,C,H,W).
void conv_backward_data_fma(const Products& products, const ConvParams& conv, const float* dy, const float* w,
                            float* dx);
/// x, dy blocked -> dw plain (K,C/groups,R,S).
void conv_weight_gradient_fma(const Products& products, const ConvParams& conv, const float* x, const float* dy,
                              float* dw);

/// x blocked (N,C,1,1), w plain (K,C) -> y blocked (N,K,1,1).
void fc_forward_fma(const Products& products, const FcParams& fc, const float* x, const float* w, float* y);
void fc_backward_data_fma(const Products& products, const FcParams& fc, const float* dy, const float* w, float* dx);
/// -> dw plain (K,C).
void fc_weight_gradient_fma(const Products& products, const FcParams& fc, const float* x, const float* dy, float* dw);

/// a (M,K), b (K,N), c (M,N), all plain.
void gemm_fma(const Products& products, const GemmParams& gemm, const float* a, const float* b, float* c);

}  // namespace dfp16::fast
