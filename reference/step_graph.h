// From a network to the graph of a training step or of inference (contract section 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reference/interface/graph.h"
#include "reference/networks/network.h"

namespace dfp16 {

enum class Precision { int16, fp32 };

struct GraphOptions {
    std::int64_t batch = 64;
    Precision precision = Precision::int16;
    Accumulation accumulation{};
    int headroom = kHeadroomDefault;
    Rounding rounding = Rounding::nearest_even;
    float momentum = 0.9f;
    float weight_decay = 0.0f;  ///< of convolution and fully connected weights
    /// Convolutions and fully connected layers that are kept in FP32: patterns of names, or `authors` (fp32_layers.h).
    std::vector<std::string> fp32_layers{};
    std::optional<WeightStart> start{};  ///< of all weights, in place of the network's
};

/// A tensor that a network carries from step to step, and how it starts (contract section 14, initialization).
struct NetworkState {
    enum class Start { constant, uniform, gaussian };
    TensorId tensor = 0;
    Start start = Start::constant;
    float scale = 0.0f;  ///< the constant, the bound, the standard deviation
    int parameter = -1;  ///< ordinal among the learned values; -1: momentum, running statistics
};

/// How many tensors of learned values the layer has.
int parameter_tensors_of(const Layer& layer);

struct StepGraph {
    Graph graph;
    TensorId images = 0;  ///< fp32 (N,C,H,W)
    TensorId labels = 0;  ///< label (N)
    TensorId logits = 0;  ///< fp32 (N,classes)
    TensorId loss = 0;    ///< fp32 (1); of the network's main head
    std::vector<TensorId> auxiliary_losses;
    std::vector<NetworkState> states;
};

StepGraph training_graph(const Network& network, const GraphOptions& options);
/// Forward only, with the running statistics.
StepGraph inference_graph(const Network& network, const GraphOptions& options);

/// The value that a state starts with.
HostTensor initial_value(const StepGraph& step, const NetworkState& state, std::uint64_t seed);

}  // namespace dfp16
