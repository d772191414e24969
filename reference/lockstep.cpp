#include "reference/lockstep.h"

#include <algorithm>
#include <optional>

#include "reference/compare.h"
#include "reference/mismatch_error.h"

namespace dfp16 {

namespace {

class LockstepPlan : public Plan {
public:
    LockstepPlan(const Graph& graph, std::unique_ptr<Plan> tested, std::unique_ptr<Plan> exposed,
                 std::unique_ptr<Plan> golden, const std::string& isa, std::uint32_t every, LockstepCounts& counts)
        : graph_(graph),
          tested_(std::move(tested)),
          exposed_(std::move(exposed)),
          golden_(std::move(golden)),
          isa_(isa),
          every_(every),
          counts_(counts) {}

    std::span<const Segment> segments() const override { return tested_->segments(); }
    void bind(TensorId id, const HostTensor& value) override { tested_->bind(id, value); }
    bool readable(TensorId id) const override { return tested_->readable(id); }
    HostTensor read(TensorId id) const override { return tested_->read(id); }

    void run(std::size_t index, const RunContext& context) override {
        if (context.step % every_ != 0) return tested_->run(index, context);
        const Segment segment = segments()[index];
        const std::vector<TensorId> outputs = outputs_of(graph_, segment);
        const bool fused =
            std::any_of(outputs.begin(), outputs.end(), [&](TensorId id) { return !tested_->readable(id); });
        for (const TensorId id : inputs_of(graph_, segment)) {
            const HostTensor value = tested_->read(id);
            golden_->bind(id, value);
            if (fused) exposed_->bind(id, value);
        }
        tested_->run(index, context);
        if (fused) exposed_->run(index, context);
        for (std::size_t i = segment.first; i < segment.first + segment.count; ++i) golden_->run(i, context);
        compare_segment(segment, fused, context);
        if (index + 1 == segments().size()) ++counts_.steps;
    }

private:
    void compare_segment(Segment segment, bool fused, const RunContext& context) {
        for (std::size_t i = segment.first; i < segment.first + segment.count; ++i) {
            const Operation& operation = graph_.operations[i];
            for (const TensorId id : operation.outputs) compare_tensor(operation, id, fused, context);
            ++counts_.operations_compared;
        }
    }

    void compare_tensor(const Operation& operation, TensorId id, bool fused, const RunContext& context) {
        const HostTensor expected = golden_->read(id);
        if (tested_->readable(id)) check(operation, id, expected, tested_->read(id), context, "");
        if (fused) check(operation, id, expected, exposed_->read(id), context, " (exposed)");
        counts_.elements_compared += expected.elements();
    }

    void check(const Operation& operation, TensorId id, const HostTensor& expected, const HostTensor& got,
               const RunContext& context, const std::string& plan) {
        const std::optional<Difference> difference = compare(expected, got);
        if (!difference) return;
        counts_.bits_differ += difference->differing_bits;
        const TensorInfo& info = graph_.tensors[id];
        throw MismatchError("step " + std::to_string(context.step) + ", layer " + operation.layer + ", pass " +
                            dfp16::name_of(operation.pass) + ", " + dfp16::name_of(operation.kind) + " on " + isa_ +
                            plan + ": " + describe(info.name, axes_of(info), expected, got, *difference));
    }

    const Graph& graph_;
    std::unique_ptr<Plan> tested_;
    std::unique_ptr<Plan> exposed_;
    std::unique_ptr<Plan> golden_;
    std::string isa_;
    std::uint32_t every_;
    LockstepCounts& counts_;
};

}  // namespace

std::unique_ptr<Plan> Lockstep::prepare(const Graph& graph, const PlanOptions& options) {
    return std::make_unique<LockstepPlan>(graph, tested_.prepare(graph, options),
                                          tested_.prepare(graph, {.expose = true}), golden_.prepare(graph, {}),
                                          tested_.isa(), every_, counts_);
}

std::string axes_of(const TensorInfo& tensor) {
    const std::size_t rank = tensor.shape.rank();
    const bool input = tensor.name.starts_with("dx");  // all others are a layer's output or its gradient
    const bool weights = tensor.name[0] == 'w' || tensor.name == "dw";
    if (rank == 4) return weights ? "k,c,r,s" : input ? "n,c,h,w" : "n,k,p,q";
    if (rank == 2) return weights ? "k,c" : input ? "n,c" : "n,k";
    return "";
}

}  // namespace dfp16
