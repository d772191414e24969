// Small networks and data for tests of graphs, lockstep and training.
#pragma once

#include <memory>
#include <string>

#include "reference/data/data_source.h"
#include "reference/golden.h"
#include "reference/lockstep.h"
#include "reference/networks/network.h"
#include "reference/train.h"

namespace dfp16::test {

/// A convolution with an odd number of channels, pooling and two fully connected layers, 1x12x12.
inline Network small_cnn() {
    Network network{.name = "small", .input = {1, 12, 12, 4}, .layers = {}};
    network.layers = {
        {.name = "conv1",
         .type = LayerType::conv,
         .channels = 5,
         .kernel = {3, 3},
         .pad = {1, 1},
         .bias = true,
         .relu = true},
        {.name = "pool1", .type = LayerType::max_pool, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}},
        {.name = "conv2", .type = LayerType::conv, .channels = 7, .kernel = {3, 3}, .stride = {2, 2}},
        {.name = "fc1", .type = LayerType::fc, .channels = 9, .bias = true, .relu = true},
        {.name = "fc2", .type = LayerType::fc, .channels = 4, .bias = true},
        {.name = "loss", .type = LayerType::loss},
    };
    return network;
}

/// A residual block with batch norm, a strided projection, grouped convolution and average pooling, 2x10x10.
inline Network small_resnet() {
    Network network{.name = "residual", .input = {2, 10, 10, 4}, .layers = {}};
    network.layers = {
        {.name = "conv1", .type = LayerType::conv, .channels = 6, .kernel = {3, 3}, .pad = {1, 1}},
        {.name = "bn1", .type = LayerType::batch_norm, .relu = true},
        {.name = "short", .type = LayerType::conv, .inputs = {"bn1"}, .channels = 18, .stride = {2, 2}},
        {.name = "short_bn", .type = LayerType::batch_norm},
        {.name = "conv2",
         .type = LayerType::conv,
         .inputs = {"bn1"},
         .channels = 18,
         .kernel = {3, 3},
         .stride = {2, 2},
         .pad = {1, 1},
         .groups = 2},
        {.name = "bn2", .type = LayerType::batch_norm},
        {.name = "add", .type = LayerType::add, .inputs = {"bn2", "short_bn"}, .relu = true},
        {.name = "pool", .type = LayerType::average_pool, .kernel = {0, 0}},
        {.name = "fc", .type = LayerType::fc, .channels = 4, .bias = true},
        {.name = "loss", .type = LayerType::loss},
    };
    return network;
}

inline DataSource synthetic_for(const Network& network) {
    const InputSize& in = network.input;
    return load_data("synthetic:" + std::to_string(in.channels) + "x" + std::to_string(in.height) + "x" +
                         std::to_string(in.width) + ":" + std::to_string(in.classes) + ":64",
                     7);
}

/// Trains in full lockstep, evaluates with golden, and gives what was compared. Throws MismatchError.
inline LockstepCounts lockstep(const Network& network, Backend& tested, const GraphOptions& graph, std::int64_t steps) {
    const auto golden = make_golden_backend(2);
    LockstepCounts counts;
    Lockstep backend(tested, *golden, 1, counts);
    TrainOptions options{.graph = graph, .seed = 3, .epochs = 100, .steps = steps, .learning_rate = 0.05f};
    TrainResult result;
    train(network, synthetic_for(network), backend, *golden, options, {}, result);
    return counts;
}

}  // namespace dfp16::test
