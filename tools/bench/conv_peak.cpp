// Convolutions against the machine's own multiply-add peak. Each repetition measures the peak just before the
// convolution, so that both see the same clock and the same neighbours. Reported are the ratio's median and quartiles,
// by wall-clock time, and its median by processor time (on a shared machine, the kernels' own share of it).
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tools/bench/convolution.h"
#include "tools/bench/instruction_peak.h"

namespace dfp16::bench {

namespace {

struct Seconds {
    double wall = 0.0;
    double processor = 0.0;  ///< of all threads
};

double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Seconds seconds_of(const std::function<void()>& run) {
    const auto start = std::chrono::steady_clock::now();
    const double processor_start = processor_seconds();
    run();
    const double processor = processor_seconds() - processor_start;
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), processor};
}

double quantile(std::vector<double> values, double q) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5)];
}

void peak(benchmark::State& state, fast::Isa isa, int threads) {
    ThreadPool pool(threads);
    const InstructionPeak instructions(isa);
    std::vector<double> rates;
    for ([[maybe_unused]] auto _ : state) {
        const Seconds seconds = seconds_of([&] { instructions.run(pool); });
        state.SetIterationTime(seconds.wall);
        rates.push_back(static_cast<double>(instructions.macs(threads)) / seconds.wall * 1e-9);
    }
    state.counters["GMAC/s"] = quantile(rates, 0.5);
}

void convolution(benchmark::State& state, Pass pass, fast::Isa isa, int threads) {
    ThreadPool pool(threads);
    const InstructionPeak instructions(isa);
    const ConvParams conv = conv_3x3(16);
    const fast::Products products{isa, &pool};
    Convolution product(conv, pass);
    const auto run = [&] { product.run(products); };
    const double macs = macs_of(conv);
    const double macs_of_peak = macs / static_cast<double>(instructions.macs(threads));
    run();  // generates the code and takes the memory
    std::vector<double> rates;
    std::vector<double> ratios;
    std::vector<double> processor_ratios;
    for ([[maybe_unused]] auto _ : state) {
        const Seconds at_peak = seconds_of([&] { instructions.run(pool); });
        const Seconds seconds = seconds_of(run);
        state.SetIterationTime(seconds.wall);
        rates.push_back(macs / seconds.wall * 1e-9);
        ratios.push_back(macs_of_peak * at_peak.wall / seconds.wall);
        processor_ratios.push_back(macs_of_peak * at_peak.processor / seconds.processor);
    }
    state.counters["GMAC/s"] = quantile(rates, 0.5);
    state.counters["of_peak"] = quantile(ratios, 0.5);
    state.counters["of_peak_25%"] = quantile(ratios, 0.25);
    state.counters["of_peak_75%"] = quantile(ratios, 0.75);
    state.counters["of_peak_processor"] = quantile(processor_ratios, 0.5);
}

void register_benchmark(const std::string& name, const std::function<void(benchmark::State&)>& run) {
    benchmark::RegisterBenchmark(name.c_str(), run)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(1.0);
}

void register_benchmarks() {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    std::vector<int> thread_counts{1};
    if (cores > 1) thread_counts.push_back(cores);
    for (const fast::Isa isa : fast::supported_isas()) {
        if (isa == fast::Isa::portable) continue;  // has no instruction of its own to be held against
        for (const int threads : thread_counts) {
            const std::string suffix = std::string("/") + fast::name_of(isa) + "/threads:" + std::to_string(threads);
            register_benchmark("peak" + suffix, [=](benchmark::State& state) { peak(state, isa, threads); });
            for (const Pass pass : kPasses) {
                register_benchmark(std::string("conv_3x3_64_64_56x56_n16/") + name_of(pass) + suffix,
                                   [=](benchmark::State& state) { convolution(state, pass, isa, threads); });
            }
        }
    }
}

}  // namespace

}  // namespace dfp16::bench

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    dfp16::bench::register_benchmarks();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
