#include "tools/commands/train_checkpoint.h"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sim/types/contract_version.h"
#include "vectors/names.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

using Options = std::map<std::string, std::string>;

std::string name_of(Precision precision) {
    return precision == Precision::int16 ? "int16" : "fp32";
}

/// What decides bits, as text that reads back to the same value.
Options decisive_options(const TrainCommandOptions& options) {
    const TrainOptions& train = options.train;
    const GraphOptions& graph = train.graph;
    const TopologyOptions& topology = options.topology;
    Options texts = {
        {"net", options.net},
        {"width", fmt::format("{}", topology.width)},
        {"init", init_name(graph)},
        {"augment", options.data_options.augment ? name_of(*options.data_options.augment) : "auto"},
        {"precision", name_of(graph.precision)},
        {"epochs", std::to_string(train.epochs)},
        {"steps", std::to_string(train.steps)},
        {"batch", std::to_string(graph.batch)},
        {"lr", fmt::format("{}", train.learning_rate)},
        {"lr-schedule", name_of(train.schedule)},
        {"warmup", std::to_string(train.schedule.warmup)},
        {"momentum", fmt::format("{}", graph.momentum)},
        {"weight-decay", fmt::format("{}", graph.weight_decay)},
        {"seed", std::to_string(train.seed)},
        {"classes", std::to_string(topology.input.classes)},
        {"input", fmt::format("{}x{}x{}", topology.input.channels, topology.input.height, topology.input.width)}};
    if (graph.precision == Precision::fp32) return texts;
    texts["policy"] = name_of(graph.accumulation.policy);
    texts["chain"] = std::to_string(graph.accumulation.chain);
    texts["headroom"] = std::to_string(graph.headroom);
    texts["rounding"] = name_of(graph.rounding);
    texts["fp32-layers"] = fp32_layers_name(graph);
    return texts;
}

/// What a run that goes on does as before unless it is told otherwise.
Options other_options(const TrainCommandOptions& options) {
    const std::uint32_t every = options.lockstep_every;
    return {{"data", options.data},
            {"lockstep", every == 0 ? "off" : fmt::format("every={}", every)},
            {"every", std::to_string(options.every)},
            {"keep", std::to_string(options.keep)}};
}

bool resumes_from(const TrainCommandOptions& options, const std::string& directory) {
    if (!options.resumed) return false;
    std::error_code missing;
    return std::filesystem::equivalent(directory, std::filesystem::path(options.resumed->path()).parent_path(),
                                       missing);
}

bool is_given(const po::variables_map& given, const std::string& option) {
    return given.contains(option) && !given[option].defaulted();
}

}  // namespace

std::shared_ptr<const CheckpointReader> checkpoint_to_resume(const std::string& directory) {
    std::vector<std::string> refused;
    std::shared_ptr<const CheckpointReader> reader = newest_checkpoint(directory, refused);
    for (const std::string& message : refused) {
        std::fputs(fmt::format("train: {}; going on from {}\n", message, reader->path()).c_str(), stderr);
    }
    const std::string& contract = reader->checkpoint().contract;
    if (contract != kContractVersion) {
        throw InputError(
            fmt::format("checkpoint {}: contract {}, expected {}", reader->path(), contract, kContractVersion));
    }
    return reader;
}

std::vector<std::string> with_options_of(const CheckpointReader& reader, std::vector<std::string> arguments,
                                         const po::variables_map& given) {
    for (const Options* options : {&reader.checkpoint().options, &reader.checkpoint().defaults}) {
        for (const auto& [name, text] : *options) {
            if (!is_given(given, name)) arguments.push_back("--" + name + "=" + text);
        }
    }
    if (!is_given(given, "checkpoint")) arguments.push_back("--checkpoint=" + given["resume"].as<std::string>());
    return arguments;
}

void check_no_contradiction(const CheckpointReader& reader, const TrainCommandOptions& options,
                            const po::variables_map& given) {
    TrainCommandOptions resolved = options;
    resolved.train.learning_rate = options.learning_rate.value_or(0.0f);
    resolved.train.graph.weight_decay = options.weight_decay.value_or(0.0f);
    const Options own = decisive_options(resolved);
    for (const auto& [name, expected] : reader.checkpoint().options) {
        const auto found = own.find(name);
        if (!is_given(given, name) || found == own.end() || found->second == expected) continue;
        throw InputError(fmt::format("--{} '{}', expected '{}' as in the run of checkpoint {}", name, found->second,
                                     expected, reader.path()));
    }
}

CheckpointWriter::CheckpointWriter(const TrainCommandOptions& options, const std::string& data_digest)
    : every_(options.every),
      keep_(options.keep),
      directory_(options.checkpoints, resumes_from(options, options.checkpoints)),
      checkpoint_{.contract = kContractVersion,
                  .options = decisive_options(options),
                  .defaults = other_options(options),
                  .data_digest = data_digest,
                  .result = {},
                  .lockstep = {},
                  .overflows = {},
                  .states = {}} {}

void CheckpointWriter::keep(const StepGraph& step, const Plan& plan, const TrainResult& result,
                            const LockstepCounts& lockstep, const OverflowLog& overflows, bool end) {
    if (!end && result.steps % every_ != 0) return;
    checkpoint_.result = result;
    checkpoint_.lockstep = lockstep;
    checkpoint_.overflows = overflows;
    checkpoint_.states = states_of(step);
    directory_.write(
        checkpoint_, [&](std::size_t index) { return plan.read(step.states[index].tensor); }, keep_);
}

}  // namespace dfp16
