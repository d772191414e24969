#include "reference/networks/topologies.h"

namespace dfp16 {

namespace {

/// conv-bn-relu-conv-bn, plus the input (through a strided 1x1 convolution where the shape changes), then ReLU.
void add_block(Network& network, const std::string& name, const std::string& input, std::int64_t channels,
               std::int64_t stride, bool project) {
    auto& layers = network.layers;
    std::string shortcut = input;
    if (project) {
        layers.push_back({.name = name + ".conv0",
                          .type = LayerType::conv,
                          .inputs = {input},
                          .channels = channels,
                          .stride = {stride, stride}});
        layers.push_back({.name = name + ".bn0", .type = LayerType::batch_norm});
        shortcut = name + ".bn0";
    }
    layers.push_back({.name = name + ".conv1",
                      .type = LayerType::conv,
                      .inputs = {input},
                      .channels = channels,
                      .kernel = {3, 3},
                      .stride = {stride, stride},
                      .pad = {1, 1}});
    layers.push_back({.name = name + ".bn1", .type = LayerType::batch_norm, .relu = true});
    layers.push_back(
        {.name = name + ".conv2", .type = LayerType::conv, .channels = channels, .kernel = {3, 3}, .pad = {1, 1}});
    layers.push_back({.name = name + ".bn2", .type = LayerType::batch_norm});
    layers.push_back(
        {.name = name + ".add", .type = LayerType::add, .inputs = {name + ".bn2", shortcut}, .relu = true});
}

}  // namespace

Network cifar_resnet(const std::string& name, int blocks_per_stage, const TopologyOptions& options) {
    const std::int64_t channels = scaled(16, options);
    Network network{.name = name, .input = options.input, .layers = {}, .learning_rate = 0.05f, .weight_decay = 1e-4f};
    network.layers = {
        {.name = "conv1", .type = LayerType::conv, .channels = channels, .kernel = {3, 3}, .pad = {1, 1}},
        {.name = "bn1", .type = LayerType::batch_norm, .relu = true},
    };
    std::string last = "bn1";
    for (int stage = 1; stage <= 3; ++stage) {
        for (int block = 1; block <= blocks_per_stage; ++block) {
            const std::string block_name = "stage" + std::to_string(stage) + ".block" + std::to_string(block);
            const bool first = stage > 1 && block == 1;
            add_block(network, block_name, last, channels << (stage - 1), first ? 2 : 1, first);
            last = block_name + ".add";
        }
    }
    network.layers.push_back({.name = "pool", .type = LayerType::average_pool, .kernel = {0, 0}});
    network.layers.push_back({.name = "fc", .type = LayerType::fc, .channels = options.input.classes, .bias = true});
    network.layers.push_back({.name = "loss", .type = LayerType::loss});
    return network;
}

}  // namespace dfp16
