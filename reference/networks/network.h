// A network as data: layers with names, what they read, and their sizes. No arithmetic.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "reference/interface/shape.h"

namespace dfp16 {

enum class LayerType { conv, fc, batch_norm, max_pool, average_pool, add, loss };
/// "conv", "fc", "batch_norm", "max_pool", "average_pool", "add", "loss".
const char* name_of(LayerType type);

struct Layer {
    std::string name;
    LayerType type = LayerType::conv;
    std::vector<std::string> inputs{};         ///< layer names; none: the layer before, or "data"
    std::int64_t channels = 0;                 ///< conv, fc: output channels
    std::array<std::int64_t, 2> kernel{1, 1};  ///< conv, pools: R, S; {0, 0}: the whole plane
    std::array<std::int64_t, 2> stride{1, 1};
    std::array<std::int64_t, 2> pad{0, 0};
    std::int64_t groups = 1;
    bool bias = false;
    bool relu = false;
};

/// The size of one input image and the number of classes.
struct InputSize {
    std::int64_t channels = 1, height = 28, width = 28, classes = 10;
};

struct Network {
    std::string name;
    InputSize input;
    std::vector<Layer> layers;
    float learning_rate = 0.02f;  ///< what training starts with unless told otherwise, at batch 64
    float weight_decay = 5e-4f;
};

/// What a layer turns into what, for a batch of N images; inputs resolved to layer indices (-1: the images).
struct ResolvedLayer {
    const Layer* layer = nullptr;
    std::vector<int> inputs;
    Shape input;  ///< of the first input: (N,C,H,W), or (N,C) after fc
    Shape output;
    std::array<std::int64_t, 2> kernel{1, 1};  ///< with {0, 0} replaced by the plane
};

/// Throws InputError for unknown or later inputs, double names, and sizes that do not fit.
std::vector<ResolvedLayer> resolve(const Network& network, std::int64_t batch);

/// Learned values and multiply-accumulates (conv and fc, one image, forward) of one layer.
std::int64_t parameters_of(const ResolvedLayer& layer);
std::int64_t macs_of(const ResolvedLayer& layer);

/// "lenet5", "resnet8", "resnet20". Throws InputError for another name, naming these.
Network network_of(const std::string& name, const InputSize& input);
std::vector<std::string> network_names();

}  // namespace dfp16
