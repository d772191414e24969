#include "fastpath/int16_graph.h"

#include <variant>

#include "sim/types/error.h"

namespace dfp16::fast {

namespace {

/// How many inputs and outputs, from the first, are DFP-16.
struct Int16Operands {
    std::size_t inputs;
    std::size_t outputs;
};

Int16Operands operands_of_sum(const Accumulation& accumulation) {
    return {accumulation.policy == Policy::fma ? std::size_t{0} : std::size_t{2}, 0};
}

Int16Operands int16_operands(const Operation& operation) {
    switch (operation.kind) {
        case OpKind::quantize:
        case OpKind::down_convert: return {0, 1};
        case OpKind::gemm: return operands_of_sum(std::get<GemmParams>(operation.params).accumulation);
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient: return operands_of_sum(std::get<ConvParams>(operation.params).accumulation);
        case OpKind::fc_forward:
        case OpKind::fc_backward_data:
        case OpKind::fc_weight_gradient: return operands_of_sum(std::get<FcParams>(operation.params).accumulation);
        case OpKind::dequantize:
        case OpKind::lrn_forward:
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::dropout_forward:
        case OpKind::dropout_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return {1, 0};
        case OpKind::max_pool_forward: return {1, 1};
        case OpKind::concat_forward:
        case OpKind::concat_backward: return {operation.inputs.size(), operation.outputs.size()};
        case OpKind::multiply:
        case OpKind::add:
        case OpKind::max_pool_backward: return {2, 1};
        case OpKind::bias_gradient:  // of either type
        case OpKind::relu_forward:
        case OpKind::relu_backward:
        case OpKind::bias_forward:
        case OpKind::softmax_forward:
        case OpKind::softmax_backward:
        case OpKind::sgd_update: return {0, 0};
        default: return {2, 0};  // instructions, lrn_backward, batch_norm_backward
    }
}

void require(const Graph& graph, const Operation& operation, TensorId id) {
    if (graph.tensors[id].type == ElementType::mantissa) return;
    throw InputError(graph.tensor_name(id) + ": " + name_of(graph.tensors[id].type) + " in " + name_of(operation.kind) +
                     ", expected int16: the fast path does not run FP32 graphs");
}

}  // namespace

void require_int16(const Graph& graph) {
    for (const Operation& operation : graph.operations) {
        const Int16Operands operands = int16_operands(operation);
        for (std::size_t i = 0; i < operands.inputs; ++i) require(graph, operation, operation.inputs[i]);
        for (std::size_t i = 0; i < operands.outputs; ++i) require(graph, operation, operation.outputs[i]);
    }
}

}  // namespace dfp16::fast
