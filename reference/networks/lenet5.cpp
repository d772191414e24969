#include "reference/networks/topologies.h"

namespace dfp16 {

Network lenet5(const TopologyOptions& options) {
    Network network{
        .name = "lenet5", .input = options.input, .layers = {}, .learning_rate = 0.01f, .weight_decay = 5e-4f};
    network.layers = {
        {.name = "conv1",
         .type = LayerType::conv,
         .channels = scaled(6, options),
         .kernel = {5, 5},
         .pad = {2, 2},
         .bias = true,
         .relu = true},
        {.name = "pool1", .type = LayerType::max_pool, .kernel = {2, 2}, .stride = {2, 2}},
        {.name = "conv2",
         .type = LayerType::conv,
         .channels = scaled(16, options),
         .kernel = {5, 5},
         .bias = true,
         .relu = true},
        {.name = "pool2", .type = LayerType::max_pool, .kernel = {2, 2}, .stride = {2, 2}},
        {.name = "fc1", .type = LayerType::fc, .channels = scaled(120, options), .bias = true, .relu = true},
        {.name = "fc2", .type = LayerType::fc, .channels = scaled(84, options), .bias = true, .relu = true},
        {.name = "fc3", .type = LayerType::fc, .channels = options.input.classes, .bias = true},
        {.name = "loss", .type = LayerType::loss},
    };
    return network;
}

}  // namespace dfp16
