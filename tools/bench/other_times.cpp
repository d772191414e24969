#include "tools/bench/other_times.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "fastpath/backend.h"
#include "reference/golden.h"
#include "tools/bench/convolution.h"
#include "tools/bench/step_server.h"
#include "tools/bench/stopwatch.h"
#include "vectors/generate.h"
#include "vectors/suite.h"
#include "vectors/verify.h"

namespace dfp16::bench {

namespace {

/// A graph of one operation on given inputs, ready to run.
class SingleOperation {
public:
    SingleOperation(Operation operation, const std::vector<HostTensor>& inputs, ElementType type, const Shape& output,
                    Backend& backend) {
        operation.inputs.clear();
        for (const HostTensor& input : inputs) operation.inputs.push_back(add("in", input.type(), input.shape));
        operation.outputs = {add("out", type, output)};
        graph_.add_operation(std::move(operation));
        plan_ = backend.prepare(graph_, {});
        for (std::size_t i = 0; i < inputs.size(); ++i) plan_->bind(graph_.operations[0].inputs[i], inputs[i]);
    }
    void run() { plan_->run_all({}); }

private:
    TensorId add(const std::string& name, ElementType type, const Shape& shape) {
        const std::string numbered = name + std::to_string(graph_.tensors.size());
        return graph_.add_tensor({"layer", numbered, type, shape, Storage::stored, false});
    }

    Graph graph_;
    std::unique_ptr<Plan> plan_;
};

bool is_convolution(const Operation& operation) {
    return operation.kind == OpKind::conv_forward || operation.kind == OpKind::conv_backward_data ||
           operation.kind == OpKind::conv_weight_gradient;
}

}  // namespace

Record measure_spill(fast::Isa isa, int threads, std::int64_t batch, int rounds,
                     const std::function<void(const std::string& note)>& progress) {
    // Byte tiles, which have no INT32 chains, do not spill.
    const auto backend = fast::make_backend(std::min(isa, fast::Isa::avx512vnni), threads);
    StepRunner step(network_of("resnet50", {.input = published_input("resnet50")}), batch, Precision::int16, *backend,
                    {.expose = true, .observe = {}});
    step.step();
    const Graph& graph = step.graph().graph;
    std::vector<double> exact(static_cast<std::size_t>(rounds), 0.0);
    std::vector<double> wrap(exact.size(), 0.0);
    for (const Operation& operation : graph.operations) {
        if (!is_convolution(operation)) continue;
        if (progress) progress("spill: " + operation.layer);
        std::vector<HostTensor> inputs;
        for (const TensorId id : operation.inputs) inputs.push_back(step.plan().read(id));
        Operation wrapping = operation;
        std::get<ConvParams>(wrapping.params).accumulation.policy = Policy::wrap;
        const Shape output = graph.tensors[operation.outputs[0]].shape;
        SingleOperation spills(operation, inputs, ElementType::fp32, output, *backend);
        SingleOperation never(wrapping, inputs, ElementType::accumulator, output, *backend);
        spills.run();
        never.run();
        for (std::size_t round = 0; round < exact.size(); ++round) {
            exact[round] += seconds_of([&] { spills.run(); });
            wrap[round] += seconds_of([&] { never.run(); });
        }
    }
    std::vector<double> slowdowns;
    for (std::size_t round = 0; round < exact.size(); ++round) slowdowns.push_back(exact[round] / wrap[round] - 1.0);
    return record_of("spill.exact.slowdown", slowdowns);
}

Record measure_golden(int rounds) {
    const ConvParams conv = conv_3x3(2);
    const auto tensor = [](const Shape& shape, unsigned seed) {
        HostTensor made(ElementType::mantissa, shape);
        made.exponent.value = -13;
        const std::vector<std::int16_t> drawn = gaussian_mantissas(shape.elements(), seed);
        for (std::size_t i = 0; i < drawn.size(); ++i) made.mantissas()[i].value = drawn[i];
        return made;
    };
    const auto golden = make_golden_backend(1);
    Operation operation;
    operation.kind = OpKind::conv_forward;
    operation.layer = "layer";
    operation.params = conv;
    SingleOperation single(operation, {tensor({2, 64, 56, 56}, 1), tensor({64, 64, 3, 3}, 2)}, ElementType::fp32,
                           {2, 64, 56, 56}, *golden);
    single.run();
    std::vector<double> rates;
    for (int round = 0; round < rounds; ++round) {
        rates.push_back(macs_of(conv) / seconds_of([&] { single.run(); }) * 1e-9);
    }
    return record_of("golden.gmacs_per_core", rates, "GMAC/s");
}

Record measure_suites(int threads) {
    const auto golden = make_golden_backend(threads);
    std::vector<std::unique_ptr<Backend>> owners;
    std::vector<Backend*> kernels;
    for (const fast::Isa isa : fast::supported_isas()) {
        owners.push_back(fast::make_backend(isa, threads));
        kernels.push_back(owners.back().get());
    }
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("dfp16-bench-" + std::to_string(getpid()) + ".h5");
    const double seconds = seconds_of([&] {
        for (const std::string& suite : suite_names()) {
            generate_file(file.string(), {.suite = suite, .level = 1, .seed = 1, .generator = "bench", .progress = {}},
                          *golden);
            verify_file(file.string(), *golden, kernels, {.case_number = {}, .threads = threads, .progress = {}});
        }
    });
    std::filesystem::remove(file);
    return record_of("suites.level1.seconds", {seconds}, "s");
}

}  // namespace dfp16::bench
