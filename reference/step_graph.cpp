#include "reference/step_graph.h"

#include <algorithm>

#include "reference/graph_builder.h"
#include "sim/philox.h"

namespace dfp16 {

StepGraph training_graph(const Network& network, const GraphOptions& options) {
    return GraphBuilder(network, options, true).build();
}

StepGraph inference_graph(const Network& network, const GraphOptions& options) {
    return GraphBuilder(network, options, false).build();
}

namespace {

/// In [-1, 1), exact.
float uniform(const RandomStream& random, std::size_t i) {
    return static_cast<float>(random.word(i) >> 8) * 0x1p-23f - 1.0f;
}

/// The sum of twelve uniform numbers, less its mean: deviation 1.
float gaussian(const RandomStream& random, std::size_t i) {
    std::int64_t sum = -6 * ((std::int64_t{1} << 24) - 1);
    for (std::size_t block = 3 * i; block < 3 * i + 3; ++block) {
        for (const std::uint32_t word : random.words(block)) sum += word >> 8;
    }
    return static_cast<float>(sum) * 0x1p-24f;
}

}  // namespace

HostTensor initial_value(const StepGraph& step, const NetworkState& state, std::uint64_t seed) {
    HostTensor value(ElementType::fp32, step.graph.tensors[state.tensor].shape);
    std::vector<float>& elements = value.fp32();
    const RandomStream random{seed, 0, Purpose::initialize, static_cast<std::uint32_t>(state.parameter)};
    switch (state.start) {
        case NetworkState::Start::constant: std::fill(elements.begin(), elements.end(), state.scale); break;
        case NetworkState::Start::uniform:
            for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = uniform(random, i) * state.scale;
            break;
        case NetworkState::Start::gaussian:
            for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = gaussian(random, i) * state.scale;
            break;
    }
    return value;
}

}  // namespace dfp16
