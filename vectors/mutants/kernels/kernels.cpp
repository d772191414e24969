#include "vectors/mutants/kernels/kernels.h"

namespace dfp16::mutants {

Kernel kernel_of(OpKind op) {
    switch (op) {
        case OpKind::vpmaddwd: return vpmaddwd;
        case OpKind::vpdpwssd: return vpdpwssd;
        case OpKind::vpdpwssds: return vpdpwssds;
        case OpKind::vp4dpwssd: return vp4dpwssd;
        case OpKind::vp4dpwssds: return vp4dpwssds;
        case OpKind::quantize: return quantize;
        case OpKind::dequantize: return dequantize;
        case OpKind::multiply: return multiply;
        case OpKind::add: return add;
        case OpKind::down_convert: return down_convert;
        case OpKind::gemm: return gemm;
        case OpKind::conv_forward: return conv_forward;
        case OpKind::conv_backward_data: return conv_backward_data;
        case OpKind::conv_weight_gradient: return conv_weight_gradient;
        case OpKind::relu_forward: return relu_forward;
        case OpKind::relu_backward: return relu_backward;
        case OpKind::max_pool_forward: return max_pool_forward;
        case OpKind::max_pool_backward: return max_pool_backward;
        case OpKind::average_pool_forward: return average_pool_forward;
        case OpKind::average_pool_backward: return average_pool_backward;
        case OpKind::lrn_forward: return lrn_forward;
        case OpKind::lrn_backward: return lrn_backward;
        case OpKind::dropout_forward: return dropout_forward;
        case OpKind::dropout_backward: return dropout_backward;
        case OpKind::concat_forward: return concat_forward;
        case OpKind::concat_backward: return concat_backward;
        case OpKind::batch_norm_forward: return batch_norm_forward;
        case OpKind::batch_norm_inference: return batch_norm_inference;
        case OpKind::batch_norm_backward: return batch_norm_backward;
        case OpKind::softmax_forward: return softmax_forward;
        case OpKind::softmax_backward: return softmax_backward;
        case OpKind::sgd_update: return sgd_update;
        default: return nullptr;
    }
}

}  // namespace dfp16::mutants
