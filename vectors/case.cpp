#include "vectors/case.h"

#include <algorithm>

namespace dfp16 {

Graph graph_of(const CaseHeader& header) {
    const Operands operands = operands_of(header);
    Graph graph;
    Operation operation{header.op, name_of(header.op), Pass::forward, header.params, {}, {}};
    const auto add = [&](const Operand& operand) {
        return graph.add_tensor({operation.layer, operand.name, operand.type, operand.shape, Storage::stored, false});
    };
    for (const Operand& operand : operands.inputs) operation.inputs.push_back(add(operand));
    for (const Operand& operand : operands.outputs) {
        const auto same = std::find_if(operands.inputs.begin(), operands.inputs.end(),
                                       [&](const Operand& input) { return input.name == operand.name; });
        const bool in_place = same != operands.inputs.end();
        const auto position = static_cast<std::size_t>(same - operands.inputs.begin());
        operation.outputs.push_back(in_place ? operation.inputs[position] : add(operand));
    }
    graph.add_operation(operation);
    return graph;
}

CaseHeader header_of(OpKind op, const OpParams& params, const RunContext& context,
                     const std::vector<HostTensor>& inputs, const std::vector<HostTensor>& outputs) {
    CaseHeader header;
    header.op = op;
    header.params = params;
    header.context = context;
    header.element = inputs.at(0).type();
    if (is_instruction(op)) header.extent = Shape{inputs[0].shape[0]};
    if (op == OpKind::relu_backward) header.y_element = inputs.at(1).type();
    const bool of_output = op == OpKind::fc_backward_data || op == OpKind::concat_forward;
    if (has_shape(op)) header.extent = of_output ? outputs.at(0).shape : inputs[0].shape;
    return header;
}

std::vector<HostTensor> run(const Case& golden_case, Backend& backend) {
    const Graph graph = graph_of(golden_case);
    const std::unique_ptr<Plan> plan = backend.prepare(graph, {});
    const Operation& operation = graph.operations.front();
    for (std::size_t i = 0; i < operation.inputs.size(); ++i) plan->bind(operation.inputs[i], golden_case.inputs[i]);
    plan->run_all(golden_case.context);
    std::vector<HostTensor> outputs;
    for (const TensorId id : operation.outputs) outputs.push_back(plan->read(id));
    return outputs;
}

}  // namespace dfp16
