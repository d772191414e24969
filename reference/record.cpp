#include "reference/record.h"

#include <utility>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

class RecordPlan : public Plan {
public:
    RecordPlan(const Graph& graph, std::unique_ptr<Plan> plan, const RecordOptions& options, const Record::Sink& sink)
        : graph_(graph), plan_(std::move(plan)), options_(options), sink_(sink) {
        for (const Segment segment : plan_->segments()) {
            if (segment.count != 1) throw InputError("record: a backend that fuses operations, expected golden");
        }
    }

    std::span<const Segment> segments() const override { return plan_->segments(); }
    void bind(TensorId id, const HostTensor& value) override { plan_->bind(id, value); }
    bool readable(TensorId id) const override { return plan_->readable(id); }
    HostTensor read(TensorId id) const override { return plan_->read(id); }

    void run(std::size_t index, const RunContext& context) override {
        const Operation& operation = graph_.operations[segments()[index].first];
        if (!options_.steps.contains(context.step) || !matches(options_.layers, operation.layer)) {
            return plan_->run(index, context);
        }
        RecordedOperation recorded{graph_, operation, context, {}, {}};
        for (const TensorId id : operation.inputs) recorded.inputs.push_back(plan_->read(id));
        plan_->run(index, context);
        for (const TensorId id : operation.outputs) recorded.outputs.push_back(plan_->read(id));
        sink_(recorded);
    }

private:
    const Graph& graph_;
    std::unique_ptr<Plan> plan_;
    const RecordOptions& options_;
    const Record::Sink& sink_;
};

}  // namespace

std::unique_ptr<Plan> Record::prepare(const Graph& graph, const PlanOptions& options) {
    return std::make_unique<RecordPlan>(graph, backend_.prepare(graph, options), options_, sink_);
}

bool matches(const std::string& pattern, const std::string& text) {
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos) return pattern == text;
    if (text.compare(0, star, pattern, 0, star) != 0) return false;
    const std::string rest = pattern.substr(star + 1);
    for (std::size_t skip = star; skip <= text.size(); ++skip) {
        if (matches(rest, text.substr(skip))) return true;
    }
    return false;
}

}  // namespace dfp16
