#include "tools/bench/convolution_times.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "tools/bench/instruction_peak.h"
#include "tools/bench/onednn_convolution.h"
#include "tools/bench/stopwatch.h"
#include "vectors/conv_shapes.h"

namespace dfp16::bench {

namespace {

/// What is measured at a time takes at least about so long.
constexpr double kSeconds = 0.002;

/// How many layers of ResNet-50 and VGG-16 have this shape.
double weight_of(const ConvGeometry& geometry) {
    double count = 0.0;
    for (const char* name : {"resnet50", "vgg16"}) {
        const Network network = network_of(name, {.input = published_input(name)});
        for (const ResolvedLayer& layer : resolve(network, 1)) {
            if (layer.layer->type == LayerType::conv && geometry_of(layer) == geometry) count += 1.0;
        }
    }
    return count;
}

/// Seconds of one run, of so many that they take longer than a disturbance does.
template <typename Run>
double seconds_of_one(std::int64_t runs, const Run& run) {
    const double seconds = seconds_of([&] {
        for (std::int64_t i = 0; i < runs; ++i) run();
    });
    return seconds / static_cast<double>(runs);
}

/// One round of a convolution.
void measure(ConvolutionTimes& times, const ConvolutionOptions& options, ThreadPool& pool,
             const InstructionPeak& peak) {
    const double share = macs_of(times.params) / static_cast<double>(peak.macs(options.threads));
    const fast::Products products{options.isa, &pool};
    Convolution ours(times.params, times.pass);
    std::unique_ptr<OnednnConvolution> onednn;
    if (has_onednn()) onednn = std::make_unique<OnednnConvolution>(times.params, times.pass, options.threads);
    ours.run(products);  // generates code, takes memory
    const double first = seconds_of([&] { peak.run(pool); });
    const double peak_seconds = share * std::min(first, seconds_of([&] { peak.run(pool); }));
    const std::int64_t runs = std::max<std::int64_t>(1, std::llround(kSeconds / peak_seconds));
    // A short one is over within one disturbance: its round is the medians of several turns.
    const int turns = runs > 1 ? 5 : 1;
    std::vector<double> own, at_peak, of_onednn;
    for (int turn = 0; turn < turns; ++turn) {
        // The smaller of two: a peak that was disturbed would flatter what is held against it.
        const double before = seconds_of([&] { peak.run(pool); });
        ours.run(products);  // both sides find their operands as near as a run before left them
        own.push_back(seconds_of_one(runs, [&] { ours.run(products); }));
        at_peak.push_back(share * std::min(before, seconds_of([&] { peak.run(pool); })));
        if (!onednn) continue;
        onednn->run();  // wakes its threads too
        of_onednn.push_back(seconds_of_one(runs, [&] { onednn->run(); }));
        OnednnConvolution::rest();
    }
    times.seconds.push_back(median_of(own));
    times.peak_seconds.push_back(median_of(at_peak));
    if (onednn) times.onednn_seconds.push_back(median_of(of_onednn));
}

/// All that are measured, without times. The images have no gradient.
std::vector<ConvolutionTimes> unmeasured(std::int64_t batch) {
    std::vector<ConvolutionTimes> all;
    for (const NetworkConvolution& one : network_convolutions(paper_networks())) {
        ConvGeometry geometry = one.geometry;
        geometry.N = batch;
        for (const Pass pass : kPasses) {
            if (pass == Pass::backward_data && one.geometry.C == 3) continue;
            all.push_back({one.layer, pass, params_of(geometry, {}), weight_of(one.geometry), {}, {}, {}});
        }
    }
    return all;
}

std::vector<double> ratios(const std::vector<double>& numerators, const std::vector<double>& denominators) {
    std::vector<double> result;
    for (std::size_t i = 0; i < numerators.size(); ++i) result.push_back(numerators[i] / denominators[i]);
    return result;
}

/// Round by round, the quotient of two weighted sums over convolutions.
template <typename Chosen, typename Weight>
std::vector<double> total_ratios(const std::vector<ConvolutionTimes>& times, const Chosen& chosen,
                                 std::vector<double> ConvolutionTimes::*numerator, const Weight& weight) {
    std::vector<double> above(times.front().seconds.size(), 0.0);
    std::vector<double> below(above.size(), 0.0);
    for (const ConvolutionTimes& one : times) {
        if (!chosen(one)) continue;
        for (std::size_t round = 0; round < above.size(); ++round) {
            above[round] += weight(one) * (one.*numerator)[round];
            below[round] += weight(one) * one.seconds[round];
        }
    }
    return ratios(above, below);
}

std::string name_of(const ConvolutionTimes& one) {
    return one.layer + "." + name_of(one.pass);
}

}  // namespace

std::vector<ConvolutionTimes> measure_convolutions(const ConvolutionOptions& options) {
    ThreadPool pool(options.threads);
    const InstructionPeak peak(options.isa);
    std::vector<ConvolutionTimes> times = unmeasured(options.batch);
    const auto total = static_cast<std::int64_t>(times.size()) * options.rounds;
    std::int64_t done = 0;
    // Each round visits all, as a disturbance lasts longer than a convolution's rounds would.
    for (int round = 0; round < options.rounds; ++round) {
        for (ConvolutionTimes& one : times) {
            measure(one, options, pool, peak);
            if (options.progress) options.progress(++done, total, name_of(one));
        }
    }
    return times;
}

std::vector<Record> records_of(const std::vector<ConvolutionTimes>& times) {
    std::vector<Record> records;
    for (const Pass pass : kPasses) {
        const auto chosen = [&](const ConvolutionTimes& one) { return one.pass == pass && one.weight > 0.0; };
        const auto weight = [](const ConvolutionTimes& one) { return one.weight; };
        records.push_back(record_of(std::string("conv.") + name_of(pass) + ".of_peak",
                                    total_ratios(times, chosen, &ConvolutionTimes::peak_seconds, weight)));
    }
    if (!times.front().onednn_seconds.empty()) {
        const auto all = [](const ConvolutionTimes&) { return true; };
        const auto once = [](const ConvolutionTimes&) { return 1.0; };
        records.push_back(
            record_of("conv.vs_onednn_fp32", total_ratios(times, all, &ConvolutionTimes::onednn_seconds, once)));
        Record worst{.name = "", .value = 1e30, .min = 0.0, .max = 0.0, .unit = "1"};
        for (const ConvolutionTimes& one : times) {
            const Record record = record_of("conv.worst_vs_onednn_fp32", ratios(one.onednn_seconds, one.seconds));
            if (record.value < worst.value) worst = record;
        }
        records.push_back(worst);
    }
    for (const ConvolutionTimes& one : times) {
        records.push_back(record_of("conv." + name_of(one) + ".of_peak", ratios(one.peak_seconds, one.seconds)));
        if (one.onednn_seconds.empty()) continue;
        records.push_back(
            record_of("conv." + name_of(one) + ".vs_onednn_fp32", ratios(one.onednn_seconds, one.seconds)));
    }
    return records;
}

}  // namespace dfp16::bench
