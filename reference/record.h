// A decorator: hands the elementary cases of chosen steps and layers, inputs and outputs, to a sink.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "reference/interface/backend.h"

namespace dfp16 {

/// One operation as it ran. An input that is updated in place is given as it was before.
struct RecordedOperation {
    const Graph& graph;
    const Operation& operation;
    const RunContext& context;
    std::vector<HostTensor> inputs;
    std::vector<HostTensor> outputs;
};

struct RecordOptions {
    std::set<std::uint32_t> steps;
    std::string layers = "*";  ///< a pattern over layer names: * stands for any characters
};

/// Wraps a backend whose segments are single operations (golden). The backend must outlive the plans.
class Record : public Backend {
public:
    using Sink = std::function<void(const RecordedOperation&)>;
    Record(Backend& backend, RecordOptions options, Sink sink)
        : backend_(backend), options_(std::move(options)), sink_(std::move(sink)) {}

    std::string name() const override { return backend_.name(); }
    std::string isa() const override { return backend_.isa(); }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions& options) override;

private:
    Backend& backend_;
    RecordOptions options_;
    Sink sink_;
};

/// Whether `text` matches `pattern`, in which * stands for any characters, also none.
bool matches(const std::string& pattern, const std::string& text);

}  // namespace dfp16
