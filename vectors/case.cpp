#include "vectors/case.h"

namespace dfp16 {

Operands operands_of(const CaseHeader& header) { return operands_of(header.op, header.params, header.extent); }

Graph graph_of(const CaseHeader& header) {
    const Operands operands = operands_of(header);
    Graph graph;
    Operation operation{header.op, name_of(header.op), Pass::forward, header.params, {}, {}};
    const auto add = [&](const Operand& operand) {
        return graph.add_tensor({operation.layer, operand.name, operand.type, operand.shape, Storage::stored, false});
    };
    for (const Operand& operand : operands.inputs) operation.inputs.push_back(add(operand));
    for (const Operand& operand : operands.outputs) operation.outputs.push_back(add(operand));
    graph.add_operation(operation);
    return graph;
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
