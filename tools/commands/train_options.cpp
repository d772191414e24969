#include "tools/commands/train_options.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <iostream>
#include <limits>
#include <sstream>

#include "sim/types/error.h"
#include "tools/commands/train_checkpoint.h"
#include "tools/options.h"
#include "tools/topology_options.h"
#include "vectors/names.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

float positive(const po::variables_map& given, const std::string& option, bool zero_allowed) {
    const auto& text = given[option].as<std::string>();
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool number = error == std::errc{} && end == text.data() + text.size();
    if (!number || !(value < std::numeric_limits<float>::infinity()) || value < 0.0f ||
        (value == 0.0f && !zero_allowed)) {
        throw InputError(
            fmt::format("--{} '{}', expected a {} number", option, text, zero_allowed ? "non-negative" : "positive"));
    }
    return value;
}

std::uint32_t lockstep_of(const std::string& text) {
    if (text == "off") return 0;
    if (text == "all") return 1;
    std::uint32_t every = 0;
    if (text.starts_with("every=")) {
        const auto [end, error] = std::from_chars(text.data() + 6, text.data() + text.size(), every);
        if (error == std::errc{} && end == text.data() + text.size() && every > 0) return every;
    }
    throw InputError("--lockstep '" + text + "', expected off, all or every=K");
}

Precision precision_of(const std::string& name) {
    if (name == "int16") return Precision::int16;
    if (name == "fp32") return Precision::fp32;
    throw InputError("--precision '" + name + "', expected int16 or fp32");
}

std::optional<WeightStart> weight_start_of(const std::string& name) {
    if (name == "network") return std::nullopt;
    if (name == "msra-uniform") return WeightStart{.kind = WeightStart::Kind::msra_uniform};
    if (name == "msra") return WeightStart{.kind = WeightStart::Kind::msra};
    if (name == "xavier") return WeightStart{.kind = WeightStart::Kind::xavier};
    if (name.starts_with("gaussian:")) {
        WeightStart start{.kind = WeightStart::Kind::gaussian};
        const auto [end, error] = std::from_chars(name.data() + 9, name.data() + name.size(), start.deviation);
        const bool number = error == std::errc{} && end == name.data() + name.size();
        if (number && start.deviation >= 0.0f && start.deviation < std::numeric_limits<float>::infinity()) return start;
    }
    throw InputError("--init '" + name + "', expected network, msra, msra-uniform, xavier or gaussian:STD");
}

std::vector<std::string> fp32_layers_of(const std::string& text) {
    std::vector<std::string> patterns;
    if (text == "none") return patterns;
    std::stringstream list(text);
    for (std::string pattern; std::getline(list, pattern, ',');) {
        if (pattern.empty()) break;
        patterns.push_back(pattern);
    }
    if (patterns.empty() || fmt::format("{}", fmt::join(patterns, ",")) != text) {
        throw InputError("--fp32-layers '" + text + "', expected authors, none, or layer names with commas between");
    }
    return patterns;
}

RecordOptions record_of(const std::string& steps, const std::string& layers) {
    RecordOptions record{.steps = {}, .layers = layers};
    std::stringstream list(steps);
    for (std::string step; std::getline(list, step, ',');) {
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), value);
        if (error != std::errc{} || end != step.data() + step.size()) {
            throw InputError("--record '" + steps + "', expected step numbers with commas between");
        }
        record.steps.insert(value);
    }
    if (record.steps.empty()) throw InputError("--record without a step, expected step numbers with commas between");
    return record;
}

po::options_description options_of() {
    po::options_description options("dfp16 train --net NAME --data DIR|synthetic:CxHxW:CLASSES [options]", 110);
    const std::string networks = fmt::format("network: {}", fmt::join(network_names(), ", "));
    // clang-format off
    options.add_options()
        ("net", po::value<std::string>(), networks.c_str())
        ("data", po::value<std::string>(), "packed file, directory of IDX files, or synthetic:CxHxW:CLASSES[:COUNT]")
        ("width", po::value<std::string>(), "multiplies the channels of all hidden layers; default: 1")
        ("input", po::value<std::string>(), "image size CxHxW; default: the data's; of packed images: the network's published one")
        ("classes", po::value<std::string>(), "outputs of the network, at least the data's classes; default: as many")
        ("init", text_option("network"), "start of the weights: network (as published), msra, msra-uniform, xavier or gaussian:STD")
        ("fp32-layers", text_option("none"), "layers kept in FP32: none, authors (first convolution, fully connected), or LAYER[,LAYER...], patterns with *")
        ("augment", text_option("auto"), "of training images: none, flip, crop-flip, or auto (crop-flip if packed, else none)")
        ("precision", text_option("int16"), "int16, or fp32 (the baseline)")
        ("policy", text_option("exact"), "accumulation: exact or chain")
        ("chain", text_option("64"), "chain length in pairs (policy chain, and the overflow oracle)")
        ("headroom", text_option("2"), "headroom bits, 0 to 14")
        ("rounding", text_option("nearest-even"), "nearest-even, toward-zero or stochastic")
        ("epochs", text_option("1"), "epochs")
        ("steps", text_option("0"), "caps the total of steps; 0: no cap")
        ("batch", text_option("64"), "images a step")
        ("lr", po::value<std::string>(), "learning rate; default: the network's")
        ("lr-schedule", text_option("linear"), "linear (to zero), constant, cosine, poly:POWER (1 to 16, or 0.5), step:GAMMA:EVERY or multistep:GAMMA:STEP[,STEP...]")
        ("warmup", text_option("0"), "steps in which the learning rate rises to its start")
        ("momentum", text_option("0.9"), "momentum")
        ("weight-decay", po::value<std::string>(), "weight decay of weights; default: the network's")
        ("threads", text_option(default_threads()), "threads")
        ("isa", text_option("auto"), "auto, portable, avx2, avx512bw, avx512vnni or amx")
        ("seed", text_option("1"), "seed of weights, shuffling, rounding")
        ("lockstep", text_option("off"), "compare every output with golden: off, all or every=K steps")
        ("plant", po::value<std::string>(), "flip a bit: STEP:LAYER:PASS:TENSOR:INDEX:BIT (needs --lockstep)")
        ("record", po::value<std::string>(), "steps whose operations become golden cases: STEP[,STEP...] (needs --lockstep)")
        ("layers", text_option("*"), "layers to record, a pattern with *")
        ("output,o", text_option(""), "golden file of the recorded cases")
        ("checkpoint", text_option(""), "directory for checkpoints: every so many steps, at the end, and when stopped by SIGINT or SIGTERM")
        ("every", text_option("1000"), "steps from checkpoint to checkpoint")
        ("keep", text_option("2"), "checkpoints to keep, the newest ones")
        ("resume", po::value<std::string>(), "go on from the newest checkpoint in this directory; options that are not given are as there")
        ("json", text_option(""), "file for the result as JSON")
        ("help,h", "this text");
    // clang-format on
    return options;
}

void check_combinations(const TrainCommandOptions& options) {
    const bool int16 = options.train.graph.precision == Precision::int16;
    const Policy policy = options.train.graph.accumulation.policy;
    if (policy != Policy::exact && policy != Policy::chain) {
        throw InputError(std::string("--policy ") + name_of(policy) +
                         ", expected exact or chain (the others give INT32)");
    }
    if (!int16 && options.lockstep_every > 0) {
        throw InputError("--lockstep with --precision fp32, expected int16: the FP32 baseline is not golden");
    }
    if (!int16 && options.isa != "auto")
        throw InputError("--isa with --precision fp32, expected int16: the baseline has no ISA paths");
    if (options.plant && options.lockstep_every == 0)
        throw InputError("--plant without --lockstep, expected --lockstep all");
    if (options.plant && options.plant->step % options.lockstep_every != 0) {
        throw InputError(fmt::format("--plant at step {}, which --lockstep every={} does not compare",
                                     options.plant->step, options.lockstep_every));
    }
    if (options.record && options.lockstep_every == 0)
        throw InputError("--record without --lockstep, expected --lockstep all");
    if (options.record.has_value() != !options.output.empty())
        throw InputError("--record and -o go together, one was given");
    if (options.record) {
        for (const std::uint32_t step : options.record->steps) {
            if (step % options.lockstep_every == 0) continue;
            throw InputError(fmt::format("--record step {}, which --lockstep every={} does not run in golden", step,
                                         options.lockstep_every));
        }
    }
}

TrainCommandOptions options_from(const po::variables_map& given) {
    const auto text = [&](const char* option) { return given[option].as<std::string>(); };
    TrainCommandOptions options{.net = required(given, "train", "net", "--net"),
                                .data = required(given, "train", "data", "--data"),
                                .data_options = {},
                                .isa = text("isa"),
                                .json = text("json"),
                                .plant = {},
                                .record = {},
                                .output = text("output"),
                                .train = {},
                                .learning_rate = {},
                                .weight_decay = {}};
    constexpr std::int64_t most = std::int64_t{1} << 31;
    options.threads = threads_of(given);
    options.lockstep_every = lockstep_of(text("lockstep"));
    if (given.contains("plant")) options.plant = fault_of(text("plant"));
    if (given.contains("record")) options.record = record_of(text("record"), text("layers"));
    if (given.contains("lr")) options.learning_rate = positive(given, "lr", true);
    if (given.contains("weight-decay")) options.weight_decay = positive(given, "weight-decay", true);
    options.data_options.threads = options.threads;
    if (text("augment") != "auto") options.data_options.augment = augment_of(text("augment"));
    TrainOptions& train = options.train;
    train.seed = seed_of(given);
    train.epochs = whole_number(given, "epochs", 1, most);
    train.steps = whole_number(given, "steps", 0, most);
    train.schedule = schedule_of(text("lr-schedule"));
    train.schedule.warmup = whole_number(given, "warmup", 0, most);
    train.graph.batch = whole_number(given, "batch", 1, most);
    train.graph.precision = precision_of(text("precision"));
    train.graph.accumulation = {policy_of(text("policy")), whole_number(given, "chain", 1, most)};
    train.graph.headroom = static_cast<int>(whole_number(given, "headroom", 0, kHeadroomMax));
    train.graph.rounding = rounding_of(text("rounding"));
    train.graph.momentum = positive(given, "momentum", true);
    train.graph.fp32_layers = fp32_layers_of(text("fp32-layers"));
    train.graph.start = weight_start_of(text("init"));
    options.topology = topology_options(given, options.topology.input);
    options.checkpoints = text("checkpoint");
    options.every = whole_number(given, "every", 1, most);
    options.keep = whole_number(given, "keep", 1, most);
    return options;
}

/// What is said without sense in the FP32 baseline.
void check_fp32_options(const po::variables_map& given) {
    for (const char* option : {"policy", "chain", "headroom", "rounding", "fp32-layers"}) {
        if (given[option].defaulted()) continue;
        throw InputError(std::string("--") + option +
                         " with --precision fp32, expected int16: FP32 has no such choice");
    }
}

}  // namespace

std::string init_name(const GraphOptions& graph) {
    if (!graph.start) return "network";
    switch (graph.start->kind) {
        case WeightStart::Kind::msra_uniform: return "msra-uniform";
        case WeightStart::Kind::msra: return "msra";
        case WeightStart::Kind::xavier: return "xavier";
        case WeightStart::Kind::gaussian: return fmt::format("gaussian:{}", graph.start->deviation);
    }
    return "?";
}

std::string fp32_layers_name(const GraphOptions& graph) {
    return graph.fp32_layers.empty() ? "none" : fmt::format("{}", fmt::join(graph.fp32_layers, ","));
}

std::optional<TrainCommandOptions> parse_train_options(const std::vector<std::string>& arguments) {
    const po::options_description description = options_of();
    po::variables_map given = parse_options("train", arguments, description);
    if (given.contains("help")) {
        std::cout << description;
        return std::nullopt;
    }
    std::shared_ptr<const CheckpointReader> resumed;
    if (given.contains("resume")) {
        resumed = checkpoint_to_resume(given["resume"].as<std::string>());
        const po::variables_map own = given;
        given = parse_options("train", with_options_of(*resumed, arguments, own), description);
        check_no_contradiction(*resumed, options_from(given), own);
    }
    TrainCommandOptions options = options_from(given);
    options.resumed = resumed;
    check_combinations(options);
    if (options.train.graph.precision == Precision::fp32) check_fp32_options(given);
    return options;
}

}  // namespace dfp16
