#include "reference/networks/topologies.h"

namespace dfp16 {

namespace {

/// Channels of an inception module: 1x1; 3x3 with its reduction; 5x5 with its reduction; behind the pool.
struct Inception {
    const char* name;
    std::int64_t conv1, reduce3, conv3, reduce5, conv5, pool;
};

class Builder {
public:
    Builder(const char* name, const TopologyOptions& options, bool batch_norm)
        : network_{.name = name, .input = options.input, .layers = {}, .learning_rate = 0.01f, .weight_decay = 2e-4f},
          options_(options),
          batch_norm_(batch_norm) {}

    Network build() {
        conv("conv1", "data", 64, 7, stem_stride(2, options_));
        pool("pool1", 3, 2, 0);
        normalize("norm1");
        conv("conv2.reduce", last_, 64, 1);
        conv("conv2", last_, 192, 3);
        normalize("norm2");
        pool("pool2", 3, 2, 0);
        inception({"3a", 64, 96, 128, 16, 32, 32});
        inception({"3b", 128, 128, 192, 32, 96, 64});
        pool("pool3", 3, 2, 0);
        inception({"4a", 192, 96, 208, 16, 48, 64});
        auxiliary("aux1");
        inception({"4b", 160, 112, 224, 24, 64, 64});
        inception({"4c", 128, 128, 256, 24, 64, 64});
        inception({"4d", 112, 144, 288, 32, 64, 64});
        auxiliary("aux2");
        inception({"4e", 256, 160, 320, 32, 128, 128});
        pool("pool4", 3, 2, 0);
        inception({"5a", 256, 160, 320, 32, 128, 128});
        inception({"5b", 384, 192, 384, 48, 128, 128});
        add({.name = "pool5", .type = LayerType::average_pool, .inputs = {last_}, .kernel = {0, 0}});
        add({.name = "drop", .type = LayerType::dropout, .rate = 0.4f});
        add({.name = "fc", .type = LayerType::fc, .channels = options_.input.classes, .bias = true, .start = kStart});
        add({.name = "loss", .type = LayerType::loss});
        return network_;
    }

private:
    static constexpr WeightStart kStart{WeightStart::Kind::xavier};

    void add(Layer layer) {
        last_ = layer.name;
        network_.layers.push_back(std::move(layer));
    }
    void conv(const std::string& name, const std::string& input, std::int64_t channels, std::int64_t kernel,
              std::int64_t stride = 1, bool auxiliary = false) {
        add({.name = name,
             .type = LayerType::conv,
             .inputs = {input},
             .channels = scaled(channels, options_),
             .kernel = {kernel, kernel},
             .stride = {stride, stride},
             .pad = {kernel / 2, kernel / 2},
             .bias = !batch_norm_,
             .relu = !batch_norm_,
             .auxiliary = auxiliary,
             .start = kStart,
             .bias_start = batch_norm_ ? 0.0f : 0.2f});
        if (batch_norm_)
            add({.name = name + ".bn", .type = LayerType::batch_norm, .relu = true, .auxiliary = auxiliary});
    }
    void pool(const std::string& name, std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
        add({.name = name,
             .type = LayerType::max_pool,
             .inputs = {last_},
             .kernel = {kernel, kernel},
             .stride = {stride, stride},
             .pad = {pad, pad},
             .size = SizeRounding::ceil});
    }
    void normalize(const std::string& name) {
        if (!batch_norm_) add({.name = name, .type = LayerType::lrn, .inputs = {last_}});
    }

    void inception(const Inception& module) {
        const std::string name = module.name;
        const std::string input = last_;
        std::vector<std::string> branches;
        conv(name + ".1x1", input, module.conv1, 1);
        branches.push_back(last_);
        conv(name + ".3x3.reduce", input, module.reduce3, 1);
        conv(name + ".3x3", last_, module.conv3, 3);
        branches.push_back(last_);
        conv(name + ".5x5.reduce", input, module.reduce5, 1);
        conv(name + ".5x5", last_, module.conv5, 5);
        branches.push_back(last_);
        last_ = input;
        pool(name + ".pool", 3, 1, 1);
        conv(name + ".pool.proj", last_, module.pool, 1);
        branches.push_back(last_);
        add({.name = name, .type = LayerType::concat, .inputs = branches});
    }

    /// A classifier in the middle, whose loss counts 0.3; the trunk goes on from where it was.
    void auxiliary(const std::string& name) {
        const std::string trunk = last_;
        add({.name = name + ".pool",
             .type = LayerType::average_pool,
             .inputs = {trunk},
             .kernel = {5, 5},
             .stride = {3, 3},
             .size = SizeRounding::ceil,
             .auxiliary = true});
        conv(name + ".conv", last_, 128, 1, 1, true);
        add({.name = name + ".fc1",
             .type = LayerType::fc,
             .channels = scaled(1024, options_),
             .bias = true,
             .relu = true,
             .auxiliary = true,
             .start = kStart,
             .bias_start = 0.2f});
        add({.name = name + ".drop", .type = LayerType::dropout, .auxiliary = true, .rate = 0.7f});
        add({.name = name + ".fc2",
             .type = LayerType::fc,
             .channels = options_.input.classes,
             .bias = true,
             .auxiliary = true,
             .start = kStart});
        add({.name = name + ".loss", .type = LayerType::loss, .auxiliary = true, .weight = 0.3f});
        last_ = trunk;
    }

    Network network_;
    const TopologyOptions& options_;
    bool batch_norm_;
    std::string last_;
};

}  // namespace

Network googlenet(const TopologyOptions& options) {
    return Builder("googlenet", options, false).build();
}

Network googlenet_bn(const TopologyOptions& options) {
    return Builder("googlenet-bn", options, true).build();
}

}  // namespace dfp16
