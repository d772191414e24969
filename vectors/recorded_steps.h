// Whole training steps of small networks, run on golden, as the cases of their operations.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "reference/step_graph.h"
#include "vectors/case.h"
#include "vectors/case_random.h"

namespace dfp16 {

struct StepRun {
    std::string network;  ///< a name of network_names()
    TopologyOptions topology{};
    GraphOptions graph{};
    std::uint32_t step = 0;  ///< the one whose operations are the cases; those before it are run
};

/// The operations of one training step. Images, labels and the weights' start are drawn; every tensor behind them is
/// what golden made of them.
class RecordedStep {
public:
    explicit RecordedStep(StepRun run);

    std::size_t size() const { return step_.graph.operations.size(); }
    /// Operation `index` with its inputs. The first call with a seed runs the step; the cases of the last seed are
    /// kept. May be called by several threads at once.
    Case make(std::size_t index, const CaseRandom& random);

private:
    void record(const CaseRandom& random);

    StepRun run_;
    StepGraph step_;
    std::mutex mutex_;  ///< of what follows
    std::uint64_t seed_ = 0;
    std::vector<Case> cases_;
};

}  // namespace dfp16
