#include "reference/networks/topologies.h"

namespace dfp16 {

namespace {

constexpr WeightStart kStart{WeightStart::Kind::msra};

Layer conv(const std::string& name, std::int64_t channels) {
    return {.name = name,
            .type = LayerType::conv,
            .channels = channels,
            .kernel = {3, 3},
            .pad = {1, 1},
            .bias = true,
            .relu = true,
            .start = kStart};
}

Layer hidden(const std::string& name, std::int64_t channels) {
    return {.name = name, .type = LayerType::fc, .channels = channels, .bias = true, .relu = true, .start = kStart};
}

}  // namespace

Network vgg16(const TopologyOptions& options) {
    struct Stage {
        int convolutions;
        std::int64_t channels;
    };
    constexpr Stage stages[] = {{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}};
    Network network{
        .name = "vgg16", .input = options.input, .layers = {}, .learning_rate = 0.01f, .weight_decay = 5e-4f};
    for (std::size_t i = 0; i < std::size(stages); ++i) {
        const std::string number = std::to_string(i + 1);
        for (int j = 1; j <= stages[i].convolutions; ++j) {
            network.layers.push_back(
                conv("conv" + number + "_" + std::to_string(j), scaled(stages[i].channels, options)));
        }
        network.layers.push_back({.name = "pool" + number,
                                  .type = LayerType::max_pool,
                                  .kernel = {2, 2},
                                  .stride = {2, 2},
                                  .size = SizeRounding::ceil});
    }
    for (const char* number : {"6", "7"}) {
        network.layers.push_back(hidden(std::string("fc") + number, scaled(4096, options)));
        network.layers.push_back({.name = std::string("drop") + number, .type = LayerType::dropout, .rate = 0.5f});
    }
    network.layers.push_back(
        {.name = "fc8", .type = LayerType::fc, .channels = options.input.classes, .bias = true, .start = kStart});
    network.layers.push_back({.name = "loss", .type = LayerType::loss});
    return network;
}

}  // namespace dfp16
