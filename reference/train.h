// The training loop. It knows graphs and backends, and no backend by name.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "reference/data/data_source.h"
#include "reference/interface/backend.h"
#include "reference/networks/network.h"
#include "reference/schedule.h"
#include "reference/step_graph.h"

namespace dfp16 {

struct TrainOptions {
    GraphOptions graph{};
    std::uint64_t seed = 1;
    std::int64_t epochs = 1;
    std::int64_t steps = 0;  ///< caps the total; 0: no cap
    float learning_rate = 0.02f;
    Schedule schedule{};
};

struct EpochResult {
    std::int64_t epoch = 0;
    std::int64_t steps = 0;
    double train_loss = 0;      ///< mean over the epoch's steps
    double train_accuracy = 0;  ///< fraction, over the epoch's training images as they were met
    double test_accuracy = 0;   ///< fraction
    double train_seconds = 0;
};

/// Filled as training goes on, so that it is valid also where a run is stopped. Together with the network's states it
/// is all that a run needs to go on (checkpoint.h).
struct TrainResult {
    std::int64_t steps = 0;
    std::int64_t images = 0;
    double train_seconds = 0;
    std::vector<EpochResult> epochs;  ///< those that ended
    EpochResult current{};            ///< the one under way; its train_loss is the sum so far
    std::int64_t correct = 0;         ///< of its images
    bool stopped = false;             ///< because TrainObserver::stop asked for it
};

struct TrainObserver {
    std::function<void(std::int64_t step, std::int64_t steps, double loss)> step;
    std::function<void(const EpochResult&)> epoch;
    /// In place of the values that states start with: gives every state of the graph its value.
    std::function<void(const StepGraph&, Plan&)> restore;
    /// After each step, and at the end (`end`), whether all steps are done or the run is stopped: a moment to write a
    /// checkpoint of the result and the plan's states.
    std::function<void(const StepGraph&, const Plan&, bool end)> keep;
    /// Whether to stop; asked after each step and between test batches.
    std::function<bool()> stop;
};

/// The number of steps that train() will run: whole batches only, the rest of an epoch is left out.
std::int64_t planned_steps(const DataSource& data, const TrainOptions& options);

/// Trains with `training`, evaluates on the test set with `inference` after each epoch. Throws InputError (a batch
/// larger than the training set, non-finite numbers, ...) and whatever the backends throw (MismatchError). A `result`
/// that has steps already goes on from there, with the states that `observer.restore` gives: to the same bits.
void train(const Network& network, const DataSource& data, Backend& training, Backend& inference,
           const TrainOptions& options, const TrainObserver& observer, TrainResult& result);

}  // namespace dfp16
