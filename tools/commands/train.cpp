#include "tools/commands/train.h"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>

#include "fastpath/backend.h"
#include "reference/data/data_digest.h"
#include "reference/files/output_file.h"
#include "reference/fp32/fp32_backend.h"
#include "reference/golden.h"
#include "reference/lockstep.h"
#include "reference/mismatch_error.h"
#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "tools/commands/train_checkpoint.h"
#include "tools/commands/train_options.h"
#include "tools/interrupt.h"
#include "tools/json_file.h"
#include "tools/progress.h"
#include "vectors/names.h"
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
            recorder_ = std::make_unique<CaseRecorder>(options.output, "record", options.train.seed);
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
    /// What an earlier part of the run has counted.
    void count_on(const Checkpoint& before) {
        counts_ = before.lockstep;
        overflows_ = before.overflows;
    }
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

std::string input_name(const InputSize& input) {
    return fmt::format("{}x{}x{}", input.channels, input.height, input.width);
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

/// How a run ended.
struct Ending {
    std::string mismatch;  ///< empty: none
    int signal = 0;        ///< that stopped it; 0: none
    std::string states;    ///< digest; empty after a mismatch
};

boost::json::object result_json(const TrainCommandOptions& options, Backends& backends, const TrainResult& result,
                                const Ending& ending) {
    const GraphOptions& graph = options.train.graph;
    const bool int16 = graph.precision == Precision::int16;
    const LockstepCounts& counts = backends.counts();
    const InputSize& input = options.topology.input;
    boost::json::object json = {{"net", options.net},
                                {"width", options.topology.width},
                                {"input", input_name(input)},
                                {"classes", input.classes},
                                {"data", options.data},
                                {"init", init_name(graph)},
                                {"precision", int16 ? "int16" : "fp32"}};
    if (int16) {
        json["policy"] = name_of(graph.accumulation.policy);
        json["chain"] = graph.accumulation.chain;
        json["headroom"] = graph.headroom;
        json["rounding"] = name_of(graph.rounding);
        json["fp32_layers"] = fp32_layers_name(graph);
    }
    json["batch"] = graph.batch;
    json["learning_rate"] = shortest(options.train.learning_rate);
    json["lr_schedule"] = name_of(options.train.schedule);
    json["warmup"] = options.train.schedule.warmup;
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
    if (!ending.states.empty()) json["states_digest"] = ending.states;
    if (!ending.mismatch.empty()) json["mismatch"] = ending.mismatch;
    if (ending.signal != 0) json["stopped_by_signal"] = ending.signal;
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
    std::string network = options.net;
    if (options.topology.width != 1.0) network += fmt::format(" width {}", options.topology.width);
    if (graph.start) network += " init " + init_name(graph);
    const std::string number_format =
        int16 ? fmt::format("int16 {} (chain {}, headroom {}, {}{})", name_of(graph.accumulation.policy),
                            graph.accumulation.chain, graph.headroom, name_of(graph.rounding),
                            graph.fp32_layers.empty() ? "" : ", in FP32: " + fp32_layers_name(graph))
              : "fp32";
    const Schedule& schedule = options.train.schedule;
    const std::string line =
        fmt::format("train: {} ({}:{}) on {}, {}, lr {} {}{}, isa {}, {} threads, seed {}, contract {}\n", network,
                    input_name(options.topology.input), options.topology.input.classes, options.data, number_format,
                    options.train.learning_rate, name_of(schedule),
                    schedule.warmup > 0 ? fmt::format(" after {} steps of warm-up", schedule.warmup) : "",
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

/// Steps that are asked for must be among those that are to come.
void check_steps_are_reached(const TrainCommandOptions& options, const DataSource& data) {
    const std::int64_t first = options.resumed ? options.resumed->checkpoint().result.steps : 0;
    const std::int64_t steps = planned_steps(data, options.train);
    const auto check = [first, steps](const char* option, std::uint32_t step) {
        if (step >= first && step < steps) return;
        throw InputError(
            fmt::format("--{} at step {}, expected one of the run's steps {} to {}", option, step, first, steps - 1));
    };
    if (options.plant) check("plant", options.plant->step);
    if (!options.record) return;
    for (const std::uint32_t step : options.record->steps) check("record", step);
}

/// Sizes that are not given are the data's; those that are given must fit it.
void resolve_input(InputSize& input, const Dataset& data) {
    const InputSize own{data.channels, data.height, data.width, data.classes};
    if (input.channels == 0) input = {own.channels, own.height, own.width, input.classes};
    if (input.classes == 0) input.classes = own.classes;
    if (input_name(input) != input_name(own)) {
        throw InputError(fmt::format("--input {}, expected {}: the data's images", input_name(input), input_name(own)));
    }
    if (input.classes < own.classes) {
        throw InputError(fmt::format("--classes {}, expected at least the data's {}", input.classes, own.classes));
    }
}

void check_same_data(const TrainCommandOptions& options, const std::string& digest) {
    const Checkpoint& before = options.resumed->checkpoint();
    if (digest == before.data_digest) return;
    throw InputError(fmt::format("--data '{}' has the digest {}, expected {} as in the run of checkpoint {}",
                                 options.data, digest, before.data_digest, options.resumed->path()));
}

/// Also after a mismatch: then the cases are wanted most.
void commit_recorded(const TrainCommandOptions& options, CaseRecorder& recorder) {
    recorder.commit();
    fmt::print("recorded {} cases in {}\n", recorder.cases(), options.output);
}

/// Trains until the end, a mismatch, or a signal.
Ending run(const TrainCommandOptions& options, const Network& network, const DataSource& data, Backends& backends,
           CheckpointWriter* writer, TrainResult& result) {
    Ending ending;
    const StopRequest stop;
    Progress progress("training", result.steps);
    TrainObserver observer = observer_of(progress);
    observer.stop = [&stop] { return stop.signal() != 0; };
    observer.keep = [&](const StepGraph& step, const Plan& plan, bool end) {
        if (writer != nullptr) writer->keep(step, plan, result, backends.counts(), backends.overflows(), end);
        if (end) ending.states = states_digest(step, plan);
    };
    if (options.resumed) {
        observer.restore = [&](const StepGraph& step, Plan& plan) { options.resumed->restore(step, plan); };
    }
    try {
        train(network, data, backends.training(), backends.inference(), options.train, observer, result);
    } catch (const MismatchError& found) {
        ending.mismatch = found.what();
    }
    if (result.stopped) ending.signal = stop.signal();
    return ending;
}

}  // namespace

int train_command(const std::vector<std::string>& arguments) {
    std::optional<TrainCommandOptions> parsed = parse_train_options(arguments);
    if (!parsed) return 0;
    TrainCommandOptions& options = *parsed;
    network_of(options.net, {});  // an unknown name is said before the data is read
    JsonFile json(options.json);
    Backends backends(options);
    const InputSize& asked =
        options.topology.input.channels > 0 ? options.topology.input : published_input(options.net);
    options.data_options.size = {asked.height, asked.width};
    const DataSource data = load_data(options.data, options.train.seed, options.data_options);
    resolve_input(options.topology.input, data.train);
    const Network network = network_of(options.net, options.topology);
    options.train.learning_rate = options.learning_rate.value_or(network.learning_rate);
    options.train.graph.weight_decay = options.weight_decay.value_or(network.weight_decay);
    check_steps_are_reached(options, data);
    std::unique_ptr<CheckpointWriter> writer;
    TrainResult result;
    if (!options.checkpoints.empty()) {
        const std::string digest = digest_of(data);
        if (options.resumed) check_same_data(options, digest);
        writer = std::make_unique<CheckpointWriter>(options, digest);
    }
    print_header(options, backends.training());
    if (options.resumed) {
        result = options.resumed->checkpoint().result;
        backends.count_on(options.resumed->checkpoint());
        std::fputs(fmt::format("train: after step {} from {}\n", result.steps, options.resumed->path()).c_str(),
                   stderr);
    }
    const Ending ending = run(options, network, data, backends, writer.get(), result);
    print_summary(options, backends, result);
    json.commit(result_json(options, backends, result, ending));
    CaseRecorder* recorder = backends.recorder();
    const bool whole = ending.mismatch.empty() && ending.signal == 0;
    if (recorder != nullptr && (whole || recorder->cases() > 0)) commit_recorded(options, *recorder);
    if (!ending.mismatch.empty()) {
        std::fputs(("dfp16: mismatch: " + ending.mismatch + "\n").c_str(), stderr);
        return 1;
    }
    if (ending.signal == 0) return 0;
    const std::string how = writer ? fmt::format("go on with: dfp16 train --resume {}", options.checkpoints)
                                   : "no checkpoint was asked for";
    std::fputs(fmt::format("dfp16: stopped by signal {} after step {}; {}\n", ending.signal, result.steps, how).c_str(),
               stderr);
    return 128 + ending.signal;  // as shells say it
}

}  // namespace dfp16
