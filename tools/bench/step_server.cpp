#include "tools/bench/step_server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <random>
#include <string>

#include "tools/bench/stopwatch.h"

namespace dfp16::bench {

namespace {

constexpr std::uint64_t kSeed = 1;
constexpr float kLearningRate = 0.001f;

}  // namespace

StepRunner::StepRunner(const Network& network, std::int64_t batch, Precision precision, Backend& backend,
                       PlanOptions options)
    : graph_(training_graph(network, {.batch = batch, .precision = precision, .weight_decay = network.weight_decay})),
      images_(ElementType::fp32, graph_.graph.tensors[graph_.images].shape),
      labels_(ElementType::label, graph_.graph.tensors[graph_.labels].shape) {
    options.reuse_memory = !options.expose;
    options.keep = {graph_.logits, graph_.loss};
    plan_ = backend.prepare(graph_.graph, options);
    std::mt19937 random(kSeed);
    std::normal_distribution<float> normal;
    for (float& pixel : images_.fp32()) pixel = normal(random);
    for (Label& label : labels_.labels()) label.value = static_cast<std::int32_t>(random() % network.input.classes);
    for (const NetworkState& state : graph_.states) plan_->bind(state.tensor, initial_value(graph_, state, kSeed));
    step();
}

double StepRunner::step() {
    return seconds_of([&] {
        plan_->bind(graph_.images, images_);
        plan_->bind(graph_.labels, labels_);
        plan_->run_all({kSeed, steps_++, kLearningRate});
    });
}

void serve_steps(StepRunner& runner, std::istream& in, std::ostream& out) {
    out << "ready" << std::endl;
    for (std::string line; std::getline(in, line);) out << fmt::format("{:.9f}", runner.step()) << std::endl;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    out << 1024 * usage.ru_maxrss << std::endl;
}

}  // namespace dfp16::bench
