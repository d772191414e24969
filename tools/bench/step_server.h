// Training steps on demand, in this process: the other end of StepProcess (step_process.h).
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <ostream>
#include <vector>

#include "reference/interface/backend.h"
#include "reference/networks/network.h"
#include "reference/step_graph.h"

namespace dfp16::bench {

/// A network in training on images of noise, its first step done.
class StepRunner {
public:
    /// FP32 with the twin's backend, otherwise INT16. `options.observe` is handed to the backend.
    StepRunner(const Network& network, std::int64_t batch, Precision precision, Backend& backend,
               PlanOptions options = {});
    /// One whole step: images in, updated parameters out. Gives its seconds.
    double step();
    const StepGraph& graph() const { return graph_; }
    Plan& plan() { return *plan_; }

private:
    StepGraph graph_;
    std::unique_ptr<Plan> plan_;
    HostTensor images_, labels_;
    std::uint32_t steps_ = 0;
};

/// Prints "ready"; for each line of `in`, runs a step and prints its seconds; at the end prints the peak resident set
/// in bytes.
void serve_steps(StepRunner& runner, std::istream& in, std::ostream& out);

}  // namespace dfp16::bench
