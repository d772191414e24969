// The operations of the FP32 twin. Tensors are as OpKind lists them, in logical order, FP32 in place of mantissas.
#pragma once

#include "reference/fp32/call.h"

namespace dfp16::fp32 {

void add(const Call& call);

void conv_forward(const Call& call);
void conv_backward_data(const Call& call);
void conv_weight_gradient(const Call& call);

void fc_forward(const Call& call);
void fc_backward_data(const Call& call);
void fc_weight_gradient(const Call& call);

void bias_forward(const Call& call);
void bias_gradient(const Call& call);

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

/// Throws InputError for NaN or Inf in z, and for a label out of range.
void softmax_forward(const Call& call);
void softmax_backward(const Call& call);

/// Throws InputError for a weight that is no longer finite.
void sgd_update(const Call& call);

}  // namespace dfp16::fp32
