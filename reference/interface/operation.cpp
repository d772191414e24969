#include "reference/interface/operation.h"

#include <array>
#include <string>
#include <utility>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

constexpr std::array kNames = {
    std::pair{OpKind::vpmaddwd, "vpmaddwd"},
    std::pair{OpKind::vpdpwssd, "vpdpwssd"},
    std::pair{OpKind::vpdpwssds, "vpdpwssds"},
    std::pair{OpKind::vp4dpwssd, "vp4dpwssd"},
    std::pair{OpKind::vp4dpwssds, "vp4dpwssds"},
    std::pair{OpKind::quantize, "quantize"},
    std::pair{OpKind::dequantize, "dequantize"},
    std::pair{OpKind::multiply, "multiply"},
    std::pair{OpKind::add, "add"},
    std::pair{OpKind::down_convert, "down_convert"},
    std::pair{OpKind::gemm, "gemm"},
    std::pair{OpKind::conv_forward, "conv_forward"},
    std::pair{OpKind::conv_backward_data, "conv_backward_data"},
    std::pair{OpKind::conv_weight_gradient, "conv_weight_gradient"},
    std::pair{OpKind::fc_forward, "fc_forward"},
    std::pair{OpKind::fc_backward_data, "fc_backward_data"},
    std::pair{OpKind::fc_weight_gradient, "fc_weight_gradient"},
    std::pair{OpKind::bias_forward, "bias_forward"},
    std::pair{OpKind::bias_gradient, "bias_gradient"},
    std::pair{OpKind::relu_forward, "relu_forward"},
    std::pair{OpKind::relu_backward, "relu_backward"},
    std::pair{OpKind::max_pool_forward, "max_pool_forward"},
    std::pair{OpKind::max_pool_backward, "max_pool_backward"},
    std::pair{OpKind::average_pool_forward, "average_pool_forward"},
    std::pair{OpKind::average_pool_backward, "average_pool_backward"},
    std::pair{OpKind::lrn_forward, "lrn_forward"},
    std::pair{OpKind::lrn_backward, "lrn_backward"},
    std::pair{OpKind::dropout_forward, "dropout_forward"},
    std::pair{OpKind::dropout_backward, "dropout_backward"},
    std::pair{OpKind::concat_forward, "concat_forward"},
    std::pair{OpKind::concat_backward, "concat_backward"},
    std::pair{OpKind::batch_norm_forward, "batch_norm_forward"},
    std::pair{OpKind::batch_norm_inference, "batch_norm_inference"},
    std::pair{OpKind::batch_norm_backward, "batch_norm_backward"},
    std::pair{OpKind::softmax_forward, "softmax_forward"},
    std::pair{OpKind::softmax_backward, "softmax_backward"},
    std::pair{OpKind::sgd_update, "sgd_update"},
};

}  // namespace

const char* name_of(OpKind kind) {
    for (const auto& [known, name] : kNames) {
        if (known == kind) return name;
    }
    return "?";
}

OpKind op_kind_of(const std::string& name) {
    for (const auto& [kind, known] : kNames) {
        if (name == known) return kind;
    }
    throw InputError("unknown operation '" + name + "'");
}

}  // namespace dfp16
