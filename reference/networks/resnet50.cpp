#include "reference/networks/topologies.h"

namespace dfp16 {

namespace {

class Builder {
public:
    Builder(const char* name, const TopologyOptions& options, bool stride_at_3x3)
        : network_{.name = name, .input = options.input, .layers = {}, .learning_rate = 0.05f, .weight_decay = 1e-4f},
          options_(options),
          stride_at_3x3_(stride_at_3x3) {}

    Network build() {
        conv_bn("conv1", "bn1", "data", 64, 7, stem_stride(2, options_), true);
        add({.name = "pool1", .type = LayerType::max_pool, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
        last_ = "pool1";
        constexpr int blocks[] = {3, 4, 6, 3};
        for (int stage = 0; stage < 4; ++stage) {
            for (int i = 0; i < blocks[stage]; ++i) {
                block("stage" + std::to_string(stage + 2) + ".block" + std::to_string(i + 1), std::int64_t{64} << stage,
                      stage > 0 && i == 0 ? 2 : 1, i == 0);
            }
        }
        add({.name = "pool5", .type = LayerType::average_pool, .kernel = {0, 0}});
        add({.name = "fc", .type = LayerType::fc, .channels = options_.input.classes, .bias = true, .start = kStart});
        add({.name = "loss", .type = LayerType::loss});
        return network_;
    }

private:
    static constexpr WeightStart kStart{WeightStart::Kind::msra};

    void add(Layer layer) { network_.layers.push_back(std::move(layer)); }

    void conv_bn(const std::string& conv, const std::string& bn, const std::string& input, std::int64_t channels,
                 std::int64_t kernel, std::int64_t stride, bool relu) {
        add({.name = conv,
             .type = LayerType::conv,
             .inputs = {input},
             .channels = scaled(channels, options_),
             .kernel = {kernel, kernel},
             .stride = {stride, stride},
             .pad = {kernel / 2, kernel / 2},
             .start = kStart});
        add({.name = bn, .type = LayerType::batch_norm, .relu = relu});
    }

    /// 1x1, 3x3, 1x1 to four times the channels, plus the input (through a 1x1 convolution in a stage's first block).
    void block(const std::string& name, std::int64_t channels, std::int64_t stride, bool project) {
        std::string shortcut = last_;
        if (project) {
            shortcut = name + ".bn0";
            conv_bn(name + ".conv0", shortcut, last_, 4 * channels, 1, stride, false);
        }
        conv_bn(name + ".conv1", name + ".bn1", last_, channels, 1, stride_at_3x3_ ? 1 : stride, true);
        conv_bn(name + ".conv2", name + ".bn2", name + ".bn1", channels, 3, stride_at_3x3_ ? stride : 1, true);
        conv_bn(name + ".conv3", name + ".bn3", name + ".bn2", 4 * channels, 1, 1, false);
        last_ = name + ".add";
        add({.name = last_, .type = LayerType::add, .inputs = {name + ".bn3", shortcut}, .relu = true});
    }

    Network network_;
    const TopologyOptions& options_;
    bool stride_at_3x3_;
    std::string last_;
};

}  // namespace

Network resnet50(const TopologyOptions& options) {
    return Builder("resnet50", options, false).build();
}

Network resnet50_v1_5(const TopologyOptions& options) {
    return Builder("resnet50-v1.5", options, true).build();
}

}  // namespace dfp16
