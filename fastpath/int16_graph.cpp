#include "fastpath/int16_graph.h"

#include "sim/types/error.h"

namespace dfp16::fast {

namespace {

/// How many inputs and outputs, from the first, are DFP-16.
struct Int16Operands {
    std::size_t inputs;
    std::size_t outputs;
};

Int16Operands int16_operands(OpKind kind) {
    switch (kind) {
        case OpKind::quantize:
        case OpKind::down_convert: return {0, 1};
        case OpKind::dequantize:
        case OpKind::bias_gradient:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return {1, 0};
        case OpKind::max_pool_forward: return {1, 1};
        case OpKind::multiply:
        case OpKind::add:
        case OpKind::max_pool_backward: return {2, 1};
        case OpKind::relu_forward:  // of either type
        case OpKind::relu_backward:
        case OpKind::bias_forward:
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::softmax_forward:
        case OpKind::softmax_backward:
        case OpKind::sgd_update: return {0, 0};
        default: return {2, 0};  // sums of products, instructions, batch_norm_backward
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
        const Int16Operands operands = int16_operands(operation.kind);
        for (std::size_t i = 0; i < operands.inputs; ++i) require(graph, operation, operation.inputs[i]);
        for (std::size_t i = 0; i < operands.outputs; ++i) require(graph, operation, operation.outputs[i]);
    }
}

}  // namespace dfp16::fast
