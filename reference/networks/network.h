// A network as data: layers with names, what they read, and their sizes. No arithmetic.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "reference/interface/operation.h"
#include "reference/interface/shape.h"

namespace dfp16 {

enum class LayerType { conv, fc, batch_norm, max_pool, average_pool, lrn, dropout, concat, add, loss };
/// "conv", "fc", "batch_norm", ...: the enumerator's name.
const char* name_of(LayerType type);

/// How the weights of a layer start (contract section 14, initialization).
struct WeightStart {
    enum class Kind { msra_uniform, msra, xavier, gaussian };
    Kind kind = Kind::msra_uniform;
    float deviation = 0.01f;  ///< gaussian only
};

struct Layer {
    std::string name;
    LayerType type = LayerType::conv;
    std::vector<std::string> inputs{};         ///< layer names; none: the layer before, or "data"
    std::int64_t channels = 0;                 ///< conv, fc: output channels
    std::array<std::int64_t, 2> kernel{1, 1};  ///< conv, pools: R, S; {0, 0}: the whole plane
    std::array<std::int64_t, 2> stride{1, 1};
    std::array<std::int64_t, 2> pad{0, 0};
    std::int64_t groups = 1;
    SizeRounding size = SizeRounding::floor;  ///< pools: of the output size
    bool bias = false;
    bool relu = false;       ///< conv, fc, batch_norm, average_pool, lrn, dropout, add
    bool auxiliary = false;  ///< of a head that is for training only
    WeightStart start{};     ///< conv, fc
    float bias_start = 0.0f;
    LrnParams lrn{};
    float rate = 0.5f;    ///< dropout: probability of a zero
    float weight = 1.0f;  ///< loss: of its gradient
};

/// The size of one input image and the number of classes.
struct InputSize {
    std::int64_t channels = 1, height = 28, width = 28, classes = 10;
    friend bool operator==(const InputSize&, const InputSize&) = default;
};

/// What a topology is made for.
struct TopologyOptions {
    InputSize input{};
    double width = 1.0;  ///< multiplies the numbers of channels of all hidden layers
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
    std::vector<std::int64_t> input_channels;  ///< of each input
    Shape input;                               ///< of the first input: (N,C,H,W), or (N,C) after fc
    Shape output;
    std::array<std::int64_t, 2> kernel{1, 1};  ///< with {0, 0} replaced by the plane
};

/// Throws InputError for unknown or later inputs, double names, and sizes that do not fit.
std::vector<ResolvedLayer> resolve(const Network& network, std::int64_t batch);

/// Learned values and multiply-accumulates (conv and fc, one image, forward) of one layer.
std::int64_t parameters_of(const ResolvedLayer& layer);
std::int64_t macs_of(const ResolvedLayer& layer);

/// Of a whole network: learned values, and MACs of one image forward; auxiliary heads apart.
struct NetworkSize {
    std::int64_t parameters = 0, macs = 0;
    std::int64_t auxiliary_parameters = 0, auxiliary_macs = 0;
};
NetworkSize size_of(const Network& network);

/// Throws InputError for a name that is not among network_names(), naming these, and for a width that is not positive.
Network network_of(const std::string& name, const TopologyOptions& options);
std::vector<std::string> network_names();
/// The input that the network was published for. Throws InputError for an unknown name.
InputSize published_input(const std::string& name);

}  // namespace dfp16
