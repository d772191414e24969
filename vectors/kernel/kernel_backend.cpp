#include "vectors/kernel/kernel_backend.h"

#include <filesystem>
#include <vector>

#include "reference/interface/host_plan.h"
#include "reference/ops/require_dfp.h"
#include "vectors/case.h"
#include "vectors/kernel/arena.h"
#include "vectors/kernel/process.h"
#include "vectors/kernel/trial.h"
#include "vectors/kernel_fault.h"

namespace dfp16 {

namespace {

using namespace kernel;

/// What plans share: the child, its memory, and what the library offers.
struct Library {
    Library(const std::string& path, const KernelOptions& given) : options(given), process(path, given.time_limit) {
        process.start(arena);
        const Control& control = process.control();
        catalog.assign(control.catalog.begin(), control.catalog.begin() + static_cast<std::ptrdiff_t>(control.entries));
        name = control.library_name.data();
        if (name.empty()) name = std::filesystem::path(path).filename().string();
    }

    KernelOptions options;
    Arena arena;
    Process process;
    std::vector<CatalogEntry> catalog;
    std::string name;
};

/// A tensor's type and shape, without elements.
HostTensor shell_of(const TensorInfo& info) {
    HostTensor shell(info.type, {1});
    shell.shape = info.shape;
    return shell;
}

/// One operation of a plan, as a case.
struct PlannedOperation {
    CaseHeader header;
    Operands operands;
    std::vector<std::size_t> entries;  ///< of the library, for this operation
    Graph graph;                       ///< of this operation alone, for the fallback
    std::unique_ptr<Plan> fallback;    ///< once it is needed
};

class KernelPlan : public HostPlan {
public:
    KernelPlan(const Graph& graph, Library& library, Backend* fallback)
        : HostPlan(graph), library_(library), fallback_(fallback) {
        require_dfp(graph);
        for (const Operation& operation : graph.operations) operations_.push_back(planned(operation));
    }

    void run(std::size_t segment, const RunContext& context) override {
        PlannedOperation& planned = operations_[segment];
        planned.header.context = context;
        for (const std::size_t entry : planned.entries) {
            if (run_entry(operation(segment), planned, entry)) return;
        }
        if (fallback_ == nullptr) unsupported(planned);
        run_fallback(operation(segment), planned, context);
    }

private:
    PlannedOperation planned(const Operation& operation) const {
        std::vector<HostTensor> inputs;
        std::vector<HostTensor> outputs;
        for (const TensorId id : operation.inputs) inputs.push_back(shell_of(graph().tensors[id]));
        for (const TensorId id : operation.outputs) outputs.push_back(shell_of(graph().tensors[id]));
        PlannedOperation planned{header_of(operation.kind, operation.params, {}, inputs, outputs), {}, {}, {}, {}};
        planned.operands = operands_of(planned.header);
        for (std::size_t i = 0; i < library_.catalog.size(); ++i) {
            if (std::string(dfp16::name_of(operation.kind)) == library_.catalog[i].op.data())
                planned.entries.push_back(i);
        }
        if (planned.entries.empty() && fallback_ == nullptr) unsupported(planned);
        return planned;
    }

    [[noreturn]] void unsupported(const PlannedOperation& planned) const {
        const char* what = planned.entries.empty() ? "" : " with these parameters";
        throw UnsupportedOperation(library_.name + " has no " + dfp16::name_of(planned.header.op) + what);
    }

    /// False if it does not support the case.
    bool run_entry(const Operation& operation, PlannedOperation& planned, std::size_t entry) {
        Trial trial(library_.process, library_.arena, planned.header, planned.operands, library_.catalog[entry], entry,
                    library_.options.threads);
        if (!trial.fits()) return false;
        std::vector<const HostTensor*> inputs;
        std::vector<HostTensor*> outputs;
        for (std::size_t i = 0; i < operation.inputs.size(); ++i) inputs.push_back(&input(operation, i));
        for (std::size_t i = 0; i < operation.outputs.size(); ++i) outputs.push_back(&output(operation, i));
        return trial.run(inputs, outputs);
    }

    void run_fallback(const Operation& operation, PlannedOperation& planned, const RunContext& context) {
        if (planned.fallback == nullptr) {
            planned.graph = graph_of(planned.header);
            planned.fallback = fallback_->prepare(planned.graph, {});
        }
        const Operation& alone = planned.graph.operations.front();
        for (std::size_t i = 0; i < alone.inputs.size(); ++i)
            planned.fallback->bind(alone.inputs[i], input(operation, i));
        planned.fallback->run_all(context);
        for (std::size_t i = 0; i < alone.outputs.size(); ++i) {
            output(operation, i) = planned.fallback->read(alone.outputs[i]);
        }
    }

    Library& library_;
    Backend* fallback_;
    std::vector<PlannedOperation> operations_;
};

class KernelBackend : public Backend {
public:
    KernelBackend(const std::string& path, const KernelOptions& options, Backend* fallback)
        : library_(path, options), fallback_(fallback) {}
    std::string name() const override { return "kernel"; }
    std::string isa() const override { return library_.name; }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        return std::make_unique<KernelPlan>(graph, library_, fallback_);
    }

private:
    Library library_;
    Backend* fallback_;
};

}  // namespace

std::unique_ptr<Backend> make_kernel_backend(const std::string& path, const KernelOptions& options, Backend* fallback) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(path, none)) {
        throw InputError("kernel library " + path + ": no such file, expected a shared library");
    }
    return std::make_unique<KernelBackend>(std::filesystem::absolute(path).string(), options, fallback);
}

}  // namespace dfp16
