#include "fastpath/backend.h"

#include "fastpath/plan.h"
#include "sim/types/error.h"

namespace dfp16::fast {

namespace {

class FastBackend : public Backend {
public:
    FastBackend(Isa isa, int threads) : isa_(isa), pool_(std::make_shared<ThreadPool>(threads)) {}

    std::string name() const override { return "fast"; }
    std::string isa() const override { return name_of(isa_); }
    std::unique_ptr<Plan> prepare(const Graph& graph, const PlanOptions& options) override {
        return std::make_unique<FastPlan>(graph, options, isa_, pool_);
    }

private:
    Isa isa_;
    std::shared_ptr<ThreadPool> pool_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(Isa isa, int threads) {
    if (!supported(isa)) throw InputError(std::string("this CPU lacks the ISA ") + name_of(isa));
    return std::make_unique<FastBackend>(isa, threads);
}

}  // namespace dfp16::fast
