#include "reference/interface/host_plan.h"

namespace dfp16 {

HostPlan::HostPlan(const Graph& graph) : graph_(graph), segments_(single_operations(graph)) {
    validate(graph);
    for (const TensorInfo& info : graph.tensors) tensors_.emplace_back(info.type, info.shape);
}

void HostPlan::bind(TensorId id, const HostTensor& value) {
    const TensorInfo& info = graph_.tensors.at(id);
    if (value.type() != info.type || value.shape != info.shape) {
        throw InputError("tensor " + graph_.tensor_name(id) + " given " + dfp16::name_of(value.type()) + " " +
                         value.shape.text() + ", expected " + dfp16::name_of(info.type) + " " + info.shape.text());
    }
    tensors_[id] = value;
}

HostTensor HostPlan::read(TensorId id) const {
    return tensors_.at(id);
}

std::string HostPlan::place(const Operation& operation) const {
    return graph_.tensor_name(operation.inputs[0]) + ": " + dfp16::name_of(operation.kind);
}

}  // namespace dfp16
