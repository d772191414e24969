#include "reference/train.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "reference/data/batch_source.h"
#include "reference/data/shuffle.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A graph with its plan and the tensors that batches go into.
class Stepper {
public:
    Stepper(StepGraph step, Backend& backend)
        : step_(std::make_unique<StepGraph>(std::move(step))),
          plan_(backend.prepare(step_->graph, {.reuse_memory = true, .keep = {step_->logits, step_->loss}})) {}

    const StepGraph& step() const { return *step_; }
    Plan& plan() { return *plan_; }

    void bind_batch(BatchSource& batches) {
        batches.next(batch_);
        plan_->bind(step_->images, batch_.images);
        plan_->bind(step_->labels, batch_.labels);
    }
    double loss() const { return plan_->read(step_->loss).fp32()[0]; }
    /// Images of the last batch whose largest logit (the first of equals) is the label's.
    std::int64_t correct() const {
        const HostTensor logits = plan_->read(step_->logits);
        const std::int64_t classes = logits.shape[1];
        std::int64_t count = 0;
        for (std::size_t n = 0; n < batch_.labels.labels().size(); ++n) {
            const auto row = logits.fp32().begin() + static_cast<std::ptrdiff_t>(n) * classes;
            if (std::max_element(row, row + classes) - row == batch_.labels.labels()[n].value) ++count;
        }
        return count;
    }

private:
    std::unique_ptr<StepGraph> step_;  // the plan refers to it
    std::unique_ptr<Plan> plan_;
    Batch batch_;
};

/// Accuracy on a data set with the parameters of a training plan.
class Evaluator {
public:
    Evaluator(const Network& network, const GraphOptions& options, Backend& backend, const Dataset& dataset,
              int threads)
        : dataset_(dataset), batches_(dataset, {.batch = std::min(options.batch, dataset.count), .threads = threads}) {
        const std::int64_t batch = std::min(options.batch, dataset.count);
        for (const std::int64_t size : {batch, dataset.count % batch}) {
            if (size == 0) continue;
            GraphOptions sized = options;
            sized.batch = size;
            steppers_.emplace(size, Stepper(inference_graph(network, sized), backend));
        }
    }

    /// Nothing if `stop` says so on the way.
    std::optional<double> accuracy(Stepper& trained, const RunContext& context, const std::function<bool()>& stop) {
        for (auto& [size, stepper] : steppers_) copy_states(trained, stepper);
        const std::int64_t batch = steppers_.rbegin()->first;
        std::int64_t correct = 0;
        std::vector<std::uint32_t> samples(static_cast<std::size_t>(dataset_.count));
        std::iota(samples.begin(), samples.end(), 0u);
        batches_.start(std::move(samples), 0);
        for (std::int64_t first = 0; first < dataset_.count; first += batch) {
            if (stop && stop()) return std::nullopt;
            Stepper& stepper = steppers_.at(std::min(batch, dataset_.count - first));
            stepper.bind_batch(batches_);
            stepper.plan().run_all(context);
            correct += stepper.correct();
        }
        return static_cast<double>(correct) / static_cast<double>(dataset_.count);
    }

private:
    static void copy_states(Stepper& from, Stepper& to) {
        std::map<std::string, TensorId> ids;
        for (const NetworkState& state : from.step().states)
            ids[from.step().graph.tensor_name(state.tensor)] = state.tensor;
        for (const NetworkState& state : to.step().states) {
            to.plan().bind(state.tensor, from.plan().read(ids.at(to.step().graph.tensor_name(state.tensor))));
        }
    }

    const Dataset& dataset_;
    BatchSource batches_;
    std::map<std::int64_t, Stepper> steppers_;
};

std::int64_t steps_per_epoch(const DataSource& data, const TrainOptions& options) {
    if (options.graph.batch > data.train.count) {
        throw InputError("batch of " + std::to_string(options.graph.batch) + ", expected at most the " +
                         std::to_string(data.train.count) + " training images");
    }
    return data.train.count / options.graph.batch;
}

}  // namespace

std::int64_t planned_steps(const DataSource& data, const TrainOptions& options) {
    const std::int64_t all = steps_per_epoch(data, options) * options.epochs;
    return options.steps > 0 ? std::min(all, options.steps) : all;
}

void train(const Network& network, const DataSource& data, Backend& training, Backend& inference,
           const TrainOptions& options, const TrainObserver& observer, TrainResult& result) {
    const std::int64_t per_epoch = steps_per_epoch(data, options);
    const std::int64_t steps = planned_steps(data, options);
    if (options.schedule.warmup >= steps && options.schedule.warmup > 0) {
        throw InputError("warm-up of " + std::to_string(options.schedule.warmup) +
                         " steps, expected fewer than the run's " + std::to_string(steps));
    }
    Stepper trained(training_graph(network, options.graph), training);
    Evaluator evaluator(network, options.graph, inference, data.test, data.threads);
    BatchSource batches(
        data.train,
        {.augment = data.augment, .seed = options.seed, .batch = options.graph.batch, .threads = data.threads});
    if (observer.restore) {
        observer.restore(trained.step(), trained.plan());
    } else {
        for (const NetworkState& state : trained.step().states) {
            trained.plan().bind(state.tensor, initial_value(trained.step(), state, options.seed));
        }
    }
    const auto keep = [&](bool end) {
        if (observer.keep) observer.keep(trained.step(), trained.plan(), end);
    };
    EpochResult& now = result.current;
    while (result.steps < steps || now.steps > 0) {  // an epoch whose steps are done may still want its evaluation
        const std::size_t epoch = result.epochs.size();
        now.epoch = static_cast<std::int64_t>(epoch) + 1;
        if (now.steps < per_epoch) {
            std::vector<std::uint32_t> order =
                shuffled(data.train.count, options.seed, static_cast<std::uint32_t>(epoch));
            order.resize(static_cast<std::size_t>(per_epoch * options.graph.batch));
            batches.start(std::move(order), static_cast<std::uint32_t>(epoch), now.steps);
        }
        while (now.steps < per_epoch && result.steps < steps) {
            const Clock::time_point start = Clock::now();
            trained.bind_batch(batches);
            trained.plan().run_all({options.seed, static_cast<std::uint32_t>(result.steps),
                                    learning_rate_of(options.schedule, options.learning_rate, result.steps, steps)});
            const double loss = trained.loss();
            now.train_loss += loss;
            result.correct += trained.correct();
            ++now.steps;
            ++result.steps;
            result.images += options.graph.batch;
            now.train_seconds += seconds_since(start);
            result.train_seconds += seconds_since(start);
            if (observer.step) observer.step(result.steps, steps, loss);
            result.stopped = observer.stop && observer.stop();
            keep(result.stopped);
            if (result.stopped) return;
        }
        const std::optional<double> accuracy =
            evaluator.accuracy(trained, {options.seed, static_cast<std::uint32_t>(result.steps), 0.0f}, observer.stop);
        result.stopped = !accuracy;
        if (result.stopped) return keep(true);
        now.train_loss /= static_cast<double>(now.steps);
        now.train_accuracy = static_cast<double>(result.correct) / static_cast<double>(now.steps * options.graph.batch);
        now.test_accuracy = *accuracy;
        result.epochs.push_back(now);
        now = {};
        result.correct = 0;
        if (observer.epoch) observer.epoch(result.epochs.back());
    }
    keep(true);
}

}  // namespace dfp16
