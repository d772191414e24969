#include "tools/bench/step_times.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "fastpath/backend.h"
#include "sim/types/error.h"
#include "tools/bench/convolution.h"
#include "tools/bench/instruction_peak.h"
#include "tools/bench/step_process.h"
#include "tools/bench/step_server.h"
#include "tools/bench/stopwatch.h"

namespace dfp16::bench {

namespace {

using Command = std::vector<std::string>;

Command ours(const std::string& network, const char* precision, const StepOptions& options) {
    return {options.program, "bench",
            "--serve",       precision,
            "--net",         network,
            "--batch",       std::to_string(options.batch),
            "--threads",     std::to_string(options.threads),
            "--isa",         fast::name_of(options.isa)};
}

/// The network's description as a file, for PyTorch.
class Description {
public:
    Description(const std::string& network, const std::string& program) {
        path_ =
            std::filesystem::temp_directory_path() / ("dfp16-" + network + "-" + std::to_string(getpid()) + ".json");
        const Command command = {program, "inspect", "--net", network, "--json", path_.string()};
        std::string line;
        for (const std::string& word : command) line += "'" + word + "' ";
        if (std::system((line + ">/dev/null").c_str()) != 0) throw InputError("cannot write " + path_.string());
    }
    ~Description() { std::filesystem::remove(path_); }
    Description(const Description&) = delete;
    Description& operator=(const Description&) = delete;
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

struct Paired {
    std::vector<double> ratios;  ///< peer's seconds over ours
    std::vector<double> our_seconds, peer_seconds;
    double our_bytes = 0.0, peer_bytes = 0.0;
    std::string why_not;  ///< the peer did not start
};

/// Nothing in `ratios` if the peer does not start. Ours ends first: it holds the other's pipes open.
Paired run_beside(const Command& us, const Command& peer, int rounds) {
    Paired result;
    StepProcess other(peer);
    if (!other.ready()) {
        result.why_not = other.why_not();
        return result;
    }
    StepProcess own(us);
    if (!own.ready()) throw InputError("a process of this program's own did not start");
    for (int round = 0; round < rounds; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));  // OpenMP's threads go on looking for work
        result.our_seconds.push_back(own.step());
        result.peer_seconds.push_back(other.step());
        result.ratios.push_back(result.peer_seconds.back() / result.our_seconds.back());
    }
    result.our_bytes = own.finish();
    result.peer_bytes = other.finish();
    return result;
}

bool cpu_has(const std::string& flag) {
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);) {
        if (line.starts_with("flags")) return (line + " ").find(" " + flag + " ") != std::string::npos;
    }
    return false;
}

/// The faster of PyTorch's memory formats.
Paired best_pytorch(const std::string& network, const std::string& description, const char* precision,
                    const StepOptions& options, std::vector<Record>& records) {
    Paired best;
    for (const char* format : {"contiguous", "channels_last"}) {
        if (options.progress) options.progress(network + ": PyTorch " + precision + ", " + format);
        const Command peer = {"/usr/bin/python3",
                              DFP16_PYTORCH_STEP,
                              description,
                              std::to_string(options.batch),
                              std::to_string(options.threads),
                              format,
                              precision};
        Paired paired = run_beside(ours(network, "int16", options), peer, options.rounds);
        if (paired.ratios.empty()) {
            if (best.ratios.empty()) best.why_not = paired.why_not;
            continue;
        }
        records.push_back(record_of("step." + network + ".pytorch_" + precision + "." + format + ".seconds",
                                    paired.peer_seconds, "s"));
        if (best.ratios.empty() || median_of(paired.ratios) < median_of(best.ratios)) best = std::move(paired);
    }
    return best;
}

double bytes_per_second(ThreadPool& pool) {
    // More than caches hold, in all at most 1 GiB.
    const std::size_t bytes =
        std::min(std::size_t{64} << 20, (std::size_t{512} << 20) / static_cast<std::size_t>(pool.threads()));
    std::vector<std::vector<char>> from(static_cast<std::size_t>(pool.threads()), std::vector<char>(bytes, 1));
    std::vector<std::vector<char>> to = from;
    std::vector<double> rates;
    for (int round = 0; round < 5; ++round) {
        const double seconds = seconds_of([&] {
            pool.parallel_for(pool.threads(), [&](std::int64_t i, int) {
                const auto k = static_cast<std::size_t>(i);
                std::memcpy(to[k].data(), from[k].data(), bytes);
            });
        });
        rates.push_back(2.0 * static_cast<double>(bytes) * pool.threads() / seconds);
    }
    return median_of(rates);
}

double macs_of_operation(const Operation& operation) {
    if (const auto* conv = std::get_if<ConvParams>(&operation.params)) return macs_of(*conv);
    if (const auto* fc = std::get_if<FcParams>(&operation.params)) return static_cast<double>(fc->N * fc->C * fc->K);
    return 0.0;
}

double stored_bytes(const Graph& graph, const Operation& operation) {
    double bytes = 0.0;
    const auto add = [&](TensorId id) {
        const TensorInfo& info = graph.tensors[id];
        if (info.storage == Storage::transient) return;
        bytes += static_cast<double>(info.shape.elements()) * (info.type == ElementType::mantissa ? 2.0 : 4.0);
    };
    for (const TensorId id : operation.inputs) add(id);
    for (const TensorId id : operation.outputs) add(id);
    return bytes;
}

}  // namespace

std::vector<Record> measure_steps(const std::string& network, const StepOptions& options,
                                  std::vector<std::string>& left_out) {
    std::vector<Record> records;
    const std::string name = "step." + network;
    const Description description(network, options.program);
    const Paired fp32 = best_pytorch(network, description.path(), "fp32", options, records);
    if (fp32.ratios.empty()) {
        left_out.push_back(name + ".vs_pytorch_fp32 (Debian: python3-torch): " + fp32.why_not);
    } else {
        records.push_back(record_of(name + ".vs_pytorch_fp32", fp32.ratios));
        records.push_back(record_of(name + ".memory_vs_pytorch_fp32", {fp32.our_bytes / fp32.peer_bytes}));
        records.push_back(record_of(name + ".bytes", {fp32.our_bytes}, "B"));
        records.push_back(record_of(name + ".seconds", fp32.our_seconds, "s"));
    }
    if (!cpu_has("avx512_bf16")) {
        left_out.push_back(name + ".vs_pytorch_bf16: this CPU lacks AVX512_BF16");
    } else if (!fp32.ratios.empty()) {
        const Paired bf16 = best_pytorch(network, description.path(), "bf16", options, records);
        if (bf16.ratios.empty()) {
            left_out.push_back(name + ".vs_pytorch_bf16: " + bf16.why_not);
        } else {
            records.push_back(record_of(name + ".vs_pytorch_bf16", bf16.ratios));
        }
    }
    if (options.progress) options.progress(network + ": FP32 twin");
    const Paired twin =
        run_beside(ours(network, "int16", options), ours(network, "fp32", options), std::min(options.rounds, 3));
    if (twin.ratios.empty()) {
        left_out.push_back(name + ".vs_twin: " + twin.why_not);
    } else {
        records.push_back(record_of(name + ".vs_twin", twin.ratios));
    }
    return records;
}

Breakdown break_down(const std::string& network, const StepOptions& options) {
    std::map<std::size_t, std::vector<double>> seconds;
    const PlanOptions observed{
        .expose = false, .observe = [&](std::size_t operation, double time) { seconds[operation].push_back(time); }};
    const auto backend = fast::make_backend(options.isa, options.threads);
    StepRunner runner(network_of(network, {.input = published_input(network)}), options.batch, Precision::int16,
                      *backend, observed);
    seconds.clear();
    Breakdown result;
    ThreadPool pool(options.threads);
    result.bytes_per_second = bytes_per_second(pool);
    const InstructionPeak peak(options.isa);
    std::vector<double> peaks;
    std::vector<double> steps;
    for (int round = 0; round < options.rounds; ++round) {
        peaks.push_back(static_cast<double>(peak.macs(options.threads)) / seconds_of([&] { peak.run(pool); }));
        steps.push_back(runner.step());
    }
    result.macs_per_second = *std::max_element(peaks.begin(), peaks.end());  // a disturbed peak would flatter the rest
    result.seconds = median_of(steps);
    std::vector<double> products(steps.size(), 0.0);
    const Graph& graph = runner.graph().graph;
    for (const auto& [index, times] : seconds) {
        const Operation& operation = graph.operations[index];
        OperationTime time{operation.layer,
                           operation.pass,
                           operation.kind,
                           median_of(times),
                           macs_of_operation(operation),
                           stored_bytes(graph, operation),
                           0.0};
        time.roofline_seconds = std::max(time.macs / result.macs_per_second, time.bytes / result.bytes_per_second);
        for (std::size_t round = 0; round < steps.size() && time.macs > 0.0; ++round) products[round] += times[round];
        result.operations.push_back(time);
    }
    for (std::size_t round = 0; round < steps.size(); ++round) {
        result.outside_products.push_back(1.0 - products[round] / steps[round]);
    }
    return result;
}

}  // namespace dfp16::bench
