// The kernels of the zoo by operation.
#pragma once

#include "vectors/mutants/kernels/call.h"

namespace dfp16::mutants {

void vpmaddwd(const Call& call);
void vpdpwssd(const Call& call);
void vpdpwssds(const Call& call);
void vp4dpwssd(const Call& call);
void vp4dpwssds(const Call& call);
void quantize(const Call& call);
void dequantize(const Call& call);
void multiply(const Call& call);
void add(const Call& call);
void down_convert(const Call& call);
void gemm(const Call& call);
void conv_forward(const Call& call);
void conv_backward_data(const Call& call);
void conv_weight_gradient(const Call& call);
void relu_forward(const Call& call);
void relu_backward(const Call& call);
void max_pool_forward(const Call& call);
void max_pool_backward(const Call& call);
void average_pool_forward(const Call& call);
void average_pool_backward(const Call& call);
void lrn_forward(const Call& call);
void lrn_backward(const Call& call);
void dropout_forward(const Call& call);
void dropout_backward(const Call& call);
void concat_forward(const Call& call);
void concat_backward(const Call& call);
void batch_norm_forward(const Call& call);
void batch_norm_inference(const Call& call);
void batch_norm_backward(const Call& call);
void softmax_forward(const Call& call);
void softmax_backward(const Call& call);
void sgd_update(const Call& call);

using Kernel = void (*)(const Call&);

/// Null for an operation that no kernel of the zoo does.
Kernel kernel_of(OpKind op);

}  // namespace dfp16::mutants
