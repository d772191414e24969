#include "vectors/mutants/mutant_backend.h"

#include "reference/interface/host_plan.h"
#include "vectors/kernel_fault.h"
#include "vectors/mutants/kernels/kernels.h"

namespace dfp16::mutants {

namespace {

class MutantPlan : public HostPlan {
public:
    MutantPlan(const Graph& graph, Bug bug, KernelState& state) : HostPlan(graph), bug_(bug), state_(state) {}

    void run(std::size_t segment, const RunContext& context) override {
        const Operation& op = operation(segment);
        Call call{bug_, op.params, context, {}, {}, state_};
        for (std::size_t i = 0; i < op.inputs.size(); ++i) call.in.push_back(&input(op, i));
        for (std::size_t i = 0; i < op.outputs.size(); ++i) call.out.push_back(&output(op, i));
        kernel_of(op.kind)(call);
    }

private:
    Bug bug_;
    KernelState& state_;
};

class MutantBackend : public Backend {
public:
    explicit MutantBackend(Bug bug) : bug_(bug) {}

    std::string name() const override { return "mutant"; }
    std::string isa() const override {
        for (const BugInfo& info : all_bugs()) {
            if (info.bug == bug_) return info.name;
        }
        return "correct";
    }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions&) override {
        for (const Operation& operation : graph.operations) {
            if (kernel_of(operation.kind) == nullptr) {
                throw UnsupportedOperation(std::string(name_of(operation.kind)) + ": no kernel of the zoo does it");
            }
        }
        return std::make_unique<MutantPlan>(graph, bug_, state_);
    }

private:
    Bug bug_;
    KernelState state_;
};

}  // namespace

std::unique_ptr<Backend> make_mutant_backend(Bug bug) {
    return std::make_unique<MutantBackend>(bug);
}

}  // namespace dfp16::mutants
