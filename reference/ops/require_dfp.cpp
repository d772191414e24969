#include "reference/ops/require_dfp.h"

#include <cstddef>
#include <variant>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// How many of the first inputs and outputs of an operation are DFP-16.
struct DfpTensors {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
};

template <typename Params>
DfpTensors of_products(const Operation& operation) {
    const Policy policy = std::get<Params>(operation.params).accumulation.policy;
    return {policy == Policy::fma ? std::size_t{0} : 2, 0};
}

DfpTensors dfp_tensors_of(const Operation& operation) {
    switch (operation.kind) {
        case OpKind::vpmaddwd:
        case OpKind::vpdpwssd:
        case OpKind::vpdpwssds:
        case OpKind::vp4dpwssd:
        case OpKind::vp4dpwssds: return {2, 0};
        case OpKind::quantize:
        case OpKind::down_convert: return {0, 1};
        case OpKind::dequantize: return {1, 0};
        case OpKind::multiply:
        case OpKind::add: return {2, 1};
        case OpKind::gemm: return of_products<GemmParams>(operation);
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient: return of_products<ConvParams>(operation);
        case OpKind::fc_forward:
        case OpKind::fc_backward_data:
        case OpKind::fc_weight_gradient: return of_products<FcParams>(operation);
        case OpKind::max_pool_forward: return {1, 1};
        case OpKind::max_pool_backward: return {2, 1};
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward:
        case OpKind::lrn_forward:
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::dropout_forward:
        case OpKind::dropout_backward: return {1, 0};
        case OpKind::lrn_backward:
        case OpKind::batch_norm_backward: return {2, 0};
        case OpKind::concat_forward:
        case OpKind::concat_backward: return {operation.inputs.size(), operation.outputs.size()};
        case OpKind::bias_forward:
        case OpKind::bias_gradient:  // either type
        case OpKind::relu_forward:
        case OpKind::relu_backward:
        case OpKind::softmax_forward:
        case OpKind::softmax_backward:
        case OpKind::sgd_update: return {0, 0};
    }
    return {};
}

}  // namespace

void require_dfp(const Graph& graph) {
    for (const Operation& operation : graph.operations) {
        const auto require = [&](TensorId id) {
            if (graph.tensors[id].type == ElementType::mantissa) return;
            throw InputError(operation.layer + ": " + name_of(operation.kind) + ": tensor " + graph.tensor_name(id) +
                             " is " + name_of(graph.tensors[id].type) + ", expected " + name_of(ElementType::mantissa));
        };
        const DfpTensors dfp = dfp_tensors_of(operation);
        for (std::size_t i = 0; i < dfp.inputs; ++i) require(operation.inputs[i]);
        for (std::size_t i = 0; i < dfp.outputs; ++i) require(operation.outputs[i]);
    }
}

}  // namespace dfp16
