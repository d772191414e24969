#include "reference/networks/topologies.h"

namespace dfp16 {

namespace {

constexpr WeightStart kConvolution{WeightStart::Kind::gaussian, 0.01f};
constexpr WeightStart kHidden{WeightStart::Kind::gaussian, 0.005f};

Layer conv(const std::string& name, std::int64_t channels, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
           std::int64_t groups, float bias_start) {
    return {.name = name,
            .type = LayerType::conv,
            .channels = channels,
            .kernel = {kernel, kernel},
            .stride = {stride, stride},
            .pad = {pad, pad},
            .groups = groups,
            .bias = true,
            .relu = true,
            .start = kConvolution,
            .bias_start = bias_start};
}

Layer pool(const std::string& name) {
    return {.name = name, .type = LayerType::max_pool, .kernel = {3, 3}, .stride = {2, 2}, .size = SizeRounding::ceil};
}

Layer hidden(const std::string& name, std::int64_t channels) {
    return {.name = name,
            .type = LayerType::fc,
            .channels = channels,
            .bias = true,
            .relu = true,
            .start = kHidden,
            .bias_start = 1.0f};
}

}  // namespace

Network alexnet(const TopologyOptions& options) {
    const auto width = [&](std::int64_t channels) { return scaled(channels, options, 2); };
    const std::int64_t stride = stem_stride(4, options);
    const std::int64_t pad = stride == 1 ? 5 : 0;  // a small plane is kept whole
    Network network{
        .name = "alexnet", .input = options.input, .layers = {}, .learning_rate = 0.01f, .weight_decay = 5e-4f};
    network.layers = {
        conv("conv1", width(96), 11, stride, pad, 1, 0.0f),
        {.name = "norm1", .type = LayerType::lrn},
        pool("pool1"),
        conv("conv2", width(256), 5, 1, 2, 2, 1.0f),
        {.name = "norm2", .type = LayerType::lrn},
        pool("pool2"),
        conv("conv3", width(384), 3, 1, 1, 1, 0.0f),
        conv("conv4", width(384), 3, 1, 1, 2, 1.0f),
        conv("conv5", width(256), 3, 1, 1, 2, 1.0f),
        pool("pool5"),
        hidden("fc6", width(4096)),
        {.name = "drop6", .type = LayerType::dropout, .rate = 0.5f},
        hidden("fc7", width(4096)),
        {.name = "drop7", .type = LayerType::dropout, .rate = 0.5f},
        {.name = "fc8", .type = LayerType::fc, .channels = options.input.classes, .bias = true, .start = kConvolution},
        {.name = "loss", .type = LayerType::loss},
    };
    return network;
}

}  // namespace dfp16
