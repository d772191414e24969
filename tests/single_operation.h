// One operation on the golden backend, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/golden.h"

namespace dfp16 {

/// A graph of one operation, run by the golden backend.
class SingleOperation {
public:
    TensorId input(const HostTensor& value) {
        values_.push_back(value);
        operation_.inputs.push_back(add(value.type(), value.shape));
        return operation_.inputs.back();
    }
    void output(ElementType type, const Shape& shape) { operation_.outputs.push_back(add(type, shape)); }

    /// The first output.
    HostTensor run(OpKind kind, const OpParams& params, const RunContext& context) {
        return run_all(kind, params, context)[0];
    }
    std::vector<HostTensor> run_all(OpKind kind, const OpParams& params, const RunContext& context) {
        operation_.kind = kind;
        operation_.params = params;
        operation_.layer = "layer";
        graph_.add_operation(operation_);
        const auto backend = make_golden_backend(2, &log_);
        const auto plan = backend->prepare(graph_, {});
        for (std::size_t i = 0; i < values_.size(); ++i) plan->bind(operation_.inputs[i], values_[i]);
        plan->run_all(context);
        std::vector<HostTensor> outputs;
        for (const TensorId id : operation_.outputs) outputs.push_back(plan->read(id));
        return outputs;
    }
    const OverflowLog& log() const { return log_; }
    const OverflowSummary& overflow() const { return log_.at("layer/forward"); }

private:
    TensorId add(ElementType type, const Shape& shape) {
        return graph_.add_tensor(
            {"layer", "t" + std::to_string(graph_.tensors.size()), type, shape, Storage::stored, false});
    }

    Graph graph_;
    Operation operation_;
    std::vector<HostTensor> values_;
    OverflowLog log_;
};

inline HostTensor mantissa_tensor(const Shape& shape, const std::vector<std::int16_t>& values, int e) {
    HostTensor tensor(ElementType::mantissa, shape);
    tensor.exponent = {e};
    for (std::size_t i = 0; i < values.size(); ++i) tensor.mantissas()[i] = {values[i]};
    return tensor;
}

}  // namespace dfp16
