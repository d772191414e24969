#include "tools/commands/train.h"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>

#include "fastpath/backend.h"
#include "reference/fp32/fp32_backend.h"
#include "reference/golden.h"
#include "reference/lockstep.h"
#include "reference/mismatch_error.h"
#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "tools/commands/train_options.h"
#include "tools/json_file.h"
#include "tools/progress.h"
#include "vectors/names.h"
#include "reference/files/output_file.h"
#include "vectors/record_cases.h"

namespace dfp16 {

namespace {

/// The backends of a run: what trains, what evaluates, and what watches.
class Backends {
public:
    explicit Backends(const TrainCommandOptions& options) {
        const bool int16 = options.train.graph.precision == Precision::int16;
        plain_ =
            int16 ? fast::make_backend(fast::isa_of(options.isa), options.threads) : make_fp32_backend(options.threads);
        training_ = plain_.get();
        if (options.plant) wrap<Plant>(*training_, *options.plant);
        if (options.lockstep_every == 0) return;
        golden_ = make_golden_backend(options.threads, &overflows_);
        Backend* golden = golden_.get();
        if (options.record) {
            recorder_ = std::make_unique<CaseRecorder>("record", options.train.seed);
            record_ = std::make_unique<Record>(*golden, *options.record,
                                               [this](const RecordedOperation& recorded) { recorder_->add(recorded); });
            golden = record_.get();
        }
        wrap<Lockstep>(*training_, *golden, options.lockstep_every, counts_);
    }

    Backend& training() { return *training_; }
    Backend& inference() { return *plain_; }
    const LockstepCounts& counts() const { return counts_; }
    const OverflowLog& overflows() const { return overflows_; }
    CaseRecorder* recorder() { return recorder_.get(); }

private:
    template <typename Decorator, typename... Arguments>
    void wrap(Arguments&&... arguments) {
        decorators_.push_back(std::make_unique<Decorator>(std::forward<Arguments>(arguments)...));
        training_ = decorators_.back().get();
    }

    std::unique_ptr<Backend> plain_;
    std::unique_ptr<Backend> golden_;
    std::unique_ptr<CaseRecorder> recorder_;
    std::unique_ptr<Backend> record_;
    std::vector<std::unique_ptr<Backend>> decorators_;
    Backend* training_ = nullptr;
    LockstepCounts counts_;
    OverflowLog overflows_;
};

std::int64_t overflowed(const OverflowLog& log) {
    std::int64_t total = 0;
    for (const auto& [place, summary] : log) total += summary.overflowed;
    return total;
}

/// Outputs whose INT32 sums overflowed as the run summed them; unknown where a chain run had no oracle beside it.
std::optional<std::int64_t> overflows_of_run(const TrainCommandOptions& options, const OverflowLog& log) {
    const GraphOptions& graph = options.train.graph;
    if (graph.precision == Precision::fp32 || graph.accumulation.policy == Policy::exact)
        return 0;  // certified chains only
    if (options.lockstep_every == 0) return std::nullopt;
    return overflowed(log);
}

/// The double that reads as the float does: 0.02, not 0.0199999996.
double shortest(float value) {
    return std::stod(fmt::format("{}", value));
}

boost::json::object oracle_json(const TrainCommandOptions& options, const OverflowLog& log) {
    boost::json::object layers;
    std::int64_t outputs = 0;
    for (const auto& [place, summary] : log) {
        outputs += summary.outputs;
        layers[place] = {{"outputs", summary.outputs},
                         {"overflowed", summary.overflowed},
                         {"smallest_margin", summary.smallest_margin},
                         {"first_output", summary.first_output},
                         {"first_pair", summary.first_pair}};
    }
    return {{"chain", options.train.graph.accumulation.chain},
            {"outputs", outputs},
            {"overflowed", overflowed(log)},
            {"layers", layers}};
}

boost::json::object result_json(const TrainCommandOptions& options, Backends& backends, const TrainResult& result,
                                const std::string& mismatch) {
    const GraphOptions& graph = options.train.graph;
    const bool int16 = graph.precision == Precision::int16;
    const LockstepCounts& counts = backends.counts();
    boost::json::object json = {{"net", options.net}, {"data", options.data}, {"precision", int16 ? "int16" : "fp32"}};
    if (int16) {
        json["policy"] = name_of(graph.accumulation.policy);
        json["chain"] = graph.accumulation.chain;
        json["headroom"] = graph.headroom;
        json["rounding"] = name_of(graph.rounding);
    }
    json["batch"] = graph.batch;
    json["learning_rate"] = shortest(options.train.learning_rate);
    json["seed"] = options.train.seed;
    json["steps"] = result.steps;
    json["steps_compared"] = counts.steps;
    json["operations_compared"] = counts.operations_compared;
    json["elements_compared"] = counts.elements_compared;
    json["bits_differ"] = counts.bits_differ;
    const std::optional<std::int64_t> overflows = overflows_of_run(options, backends.overflows());
    json["overflows"] = overflows ? boost::json::value(*overflows) : boost::json::value();
    if (options.lockstep_every > 0) json["oracle"] = oracle_json(options, backends.overflows());
    const bool finished = !result.epochs.empty();
    json["train_loss"] = finished ? boost::json::value(result.epochs.back().train_loss) : boost::json::value();
    json["train_accuracy"] = finished ? boost::json::value(result.epochs.back().train_accuracy) : boost::json::value();
    json["test_accuracy"] = finished ? boost::json::value(result.epochs.back().test_accuracy) : boost::json::value();
    boost::json::array epochs;
    for (const EpochResult& epoch : result.epochs) {
        epochs.push_back({{"epoch", epoch.epoch},
                          {"steps", epoch.steps},
                          {"train_loss", epoch.train_loss},
                          {"train_accuracy", epoch.train_accuracy},
                          {"test_accuracy", epoch.test_accuracy},
                          {"train_seconds", epoch.train_seconds}});
    }
    json["epochs"] = epochs;
    json["images_per_second"] =
        result.train_seconds > 0 ? static_cast<double>(result.images) / result.train_seconds : 0.0;
    json["isa"] = backends.training().isa();
    json["threads"] = options.threads;
    json["contract"] = kContractVersion;
    if (!mismatch.empty()) json["mismatch"] = mismatch;
    return json;
}

void print_summary(const TrainCommandOptions& options, const Backends& backends, const TrainResult& result) {
    const LockstepCounts& counts = backends.counts();
    fmt::print("steps {}, {:.1f} images/s\n", result.steps,
               result.train_seconds > 0 ? static_cast<double>(result.images) / result.train_seconds : 0.0);
    if (options.lockstep_every == 0) return;
    fmt::print("lockstep: {} steps, {} operations, {} elements compared, {} bits differ\n", counts.steps,
               counts.operations_compared, counts.elements_compared, counts.bits_differ);
    const bool exact = options.train.graph.accumulation.policy == Policy::exact;
    fmt::print("overflow oracle, INT32 chains of {} pairs: {} outputs {}\n", options.train.graph.accumulation.chain,
               overflowed(backends.overflows()), exact ? "would overflow (exact sums do not)" : "overflowed");
}

void print_header(const TrainCommandOptions& options, const Backend& backend) {
    const GraphOptions& graph = options.train.graph;
    const bool int16 = graph.precision == Precision::int16;
    const std::string line =
        fmt::format("train: {} on {}, {}, isa {}, {} threads, seed {}, contract {}\n", options.net, options.data,
                    int16 ? fmt::format("int16 {} (chain {}, headroom {}, {})", name_of(graph.accumulation.policy),
                                        graph.accumulation.chain, graph.headroom, name_of(graph.rounding))
                          : "fp32",
                    backend.isa(), options.threads, options.train.seed, kContractVersion);
    std::fputs(line.c_str(), stderr);
}

TrainObserver observer_of(Progress& progress) {
    TrainObserver observer;
    observer.step = [&progress](std::int64_t step, std::int64_t steps, double loss) {
        progress.update(step, steps, fmt::format("loss {:.4f}", loss));
    };
    observer.epoch = [&progress](const EpochResult& epoch) {
        progress.interrupt();
        fmt::print("epoch {}: train loss {:.4f}, train accuracy {:.2f} %, test accuracy {:.2f} %, {:.1f} s\n",
                   epoch.epoch, epoch.train_loss, 100 * epoch.train_accuracy, 100 * epoch.test_accuracy,
                   epoch.train_seconds);
        std::fflush(stdout);
    };
    return observer;
}

/// Steps that are asked for must be among those that the run has.
void check_steps_are_reached(const TrainCommandOptions& options, const DataSource& data) {
    const std::int64_t steps = planned_steps(data, options.train);
    const auto check = [steps](const char* option, std::uint32_t step) {
        if (step < steps) return;
        throw InputError(
            fmt::format("--{} at step {}, expected one of the run's steps 0 to {}", option, step, steps - 1));
    };
    if (options.plant) check("plant", options.plant->step);
    if (!options.record) return;
    for (const std::uint32_t step : options.record->steps) check("record", step);
}

/// Also after a mismatch: then the cases are wanted most.
void commit_recorded(const TrainCommandOptions& options, CaseRecorder& recorder) {
    recorder.commit(options.output);
    fmt::print("recorded {} cases in {}\n", recorder.cases(), options.output);
}

}  // namespace

int train_command(const std::vector<std::string>& arguments) {
    std::optional<TrainCommandOptions> parsed = parse_train_options(arguments);
    if (!parsed) return 0;
    TrainCommandOptions& options = *parsed;
    network_of(options.net, {});  // an unknown name is said before the data is read
    JsonFile json(options.json);
    if (options.record) OutputFile probe(options.output);  // an unwritable place is known before the run
    Backends backends(options);
    const DataSource data = load_data(options.data, options.train.seed, options.data_options);
    const Network network =
        network_of(options.net, {data.train.channels, data.train.height, data.train.width, data.train.classes});
    options.train.learning_rate = options.learning_rate.value_or(network.learning_rate);
    options.train.graph.weight_decay = options.weight_decay.value_or(network.weight_decay);
    check_steps_are_reached(options, data);
    print_header(options, backends.training());
    TrainResult result;
    std::string mismatch;
    try {
        Progress progress("training");
        train(network, data, backends.training(), backends.inference(), options.train, observer_of(progress), result);
    } catch (const MismatchError& found) {
        mismatch = found.what();
    }
    print_summary(options, backends, result);
    json.commit(result_json(options, backends, result, mismatch));
    CaseRecorder* recorder = backends.recorder();
    if (recorder != nullptr && (mismatch.empty() || recorder->cases() > 0)) commit_recorded(options, *recorder);
    if (mismatch.empty()) return 0;
    std::fputs(("dfp16: mismatch: " + mismatch + "\n").c_str(), stderr);
    return 1;
}

}  // namespace dfp16
