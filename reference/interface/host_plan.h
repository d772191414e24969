// A plan that keeps every tensor in logical order and runs the operations one by one: what golden and the FP32
// twin share.
#pragma once

#include <string>
#include <vector>

#include "reference/interface/backend.h"
#include "sim/types/error.h"

namespace dfp16 {

class HostPlan : public Plan {
public:
    explicit HostPlan(const Graph& graph);

    std::span<const Segment> segments() const override { return segments_; }
    void bind(TensorId id, const HostTensor& value) override;
    bool readable(TensorId id) const override { return id < tensors_.size(); }
    HostTensor read(TensorId id) const override;

protected:
    const Operation& operation(std::size_t segment) const { return graph_.operations[segment]; }
    HostTensor& input(const Operation& operation, std::size_t i) { return tensors_[operation.inputs[i]]; }
    HostTensor& output(const Operation& operation, std::size_t i) { return tensors_[operation.outputs[i]]; }
    const Graph& graph() const { return graph_; }
    std::vector<HostTensor>& tensors() { return tensors_; }
    /// "conv1.y32: quantize": what a message starts with.
    std::string place(const Operation& operation) const;

private:
    const Graph& graph_;
    std::vector<Segment> segments_;
    std::vector<HostTensor> tensors_;
};

}  // namespace dfp16
