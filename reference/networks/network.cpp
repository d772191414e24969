#include "reference/networks/network.h"

#include <array>
#include <map>
#include <numeric>
#include <utility>

#include "reference/interface/operation.h"
#include "reference/networks/topologies.h"
#include "sim/types/error.h"

namespace dfp16 {

const char* name_of(LayerType type) {
    switch (type) {
        case LayerType::conv: return "conv";
        case LayerType::fc: return "fc";
        case LayerType::batch_norm: return "batch_norm";
        case LayerType::max_pool: return "max_pool";
        case LayerType::average_pool: return "average_pool";
        case LayerType::lrn: return "lrn";
        case LayerType::dropout: return "dropout";
        case LayerType::concat: return "concat";
        case LayerType::add: return "add";
        case LayerType::loss: return "loss";
    }
    return "?";
}

namespace {

struct Topology {
    const char* name;
    InputSize published;
    Network (*make)(const TopologyOptions& options);
};

constexpr InputSize kImageNet{3, 224, 224, 1000};

constexpr std::array kTopologies = {
    Topology{"lenet5", {1, 28, 28, 10}, lenet5},
    Topology{"resnet8", {1, 28, 28, 10}, [](const TopologyOptions& o) { return cifar_resnet("resnet8", 1, o); }},
    Topology{"resnet20", {3, 32, 32, 10}, [](const TopologyOptions& o) { return cifar_resnet("resnet20", 3, o); }},
    Topology{"alexnet", {3, 227, 227, 1000}, alexnet},
    Topology{"vgg16", kImageNet, vgg16},
    Topology{"googlenet", kImageNet, googlenet},
    Topology{"googlenet-bn", kImageNet, googlenet_bn},
    Topology{"resnet50", kImageNet, resnet50},
    Topology{"resnet50-v1.5", kImageNet, resnet50_v1_5},
};

const Topology& topology_of(const std::string& name) {
    std::string known;
    for (const Topology& topology : kTopologies) {
        if (name == topology.name) return topology;
        known += (known.empty() ? "" : ", ") + std::string(topology.name);
    }
    throw InputError("unknown network '" + name + "', expected one of " + known);
}

Shape windowed(const ResolvedLayer& resolved, std::int64_t channels) {
    const Layer& layer = *resolved.layer;
    const Shape& in = resolved.input;
    const SizeRounding rounding = layer.type == LayerType::conv ? SizeRounding::floor : layer.size;
    for (std::size_t i = 0; i < 2; ++i) {
        if (rounding == SizeRounding::floor && in[2 + i] + 2 * layer.pad[i] < resolved.kernel[i]) {
            throw InputError("layer " + layer.name + ": window of " + std::to_string(resolved.kernel[i]) +
                             " does not fit input " + in.text() + " with pad " + std::to_string(layer.pad[i]));
        }
    }
    return {in[0], channels, pooled_size(in[2], resolved.kernel[0], layer.stride[0], layer.pad[0], rounding),
            pooled_size(in[3], resolved.kernel[1], layer.stride[1], layer.pad[1], rounding)};
}

bool same_plane(const Shape& a, const Shape& b) {
    return a.rank() == 4 && b.rank() == 4 && a[0] == b[0] && a[2] == b[2] && a[3] == b[3];
}

void infer_output(ResolvedLayer& resolved) {
    const Layer& layer = *resolved.layer;
    const bool spatial = layer.type == LayerType::conv || layer.type == LayerType::max_pool ||
                         layer.type == LayerType::average_pool || layer.type == LayerType::concat;
    if (layer.relu && (layer.type == LayerType::max_pool || layer.type == LayerType::concat)) {
        throw InputError("layer " + layer.name + ": ReLU behind " + name_of(layer.type) + ", expected none");
    }
    if (layer.type == LayerType::conv &&
        (layer.groups < 1 || resolved.input[1] % layer.groups != 0 || layer.channels % layer.groups != 0)) {
        throw InputError("layer " + layer.name + ": " + std::to_string(layer.groups) + " groups do not divide " +
                         std::to_string(resolved.input[1]) + " and " + std::to_string(layer.channels) + " channels");
    }
    if (spatial && resolved.input.rank() != 4) {
        throw InputError("layer " + layer.name + ": input " + resolved.input.text() + ", expected (N,C,H,W)");
    }
    resolved.kernel = layer.kernel;
    if (spatial && layer.kernel[0] == 0) resolved.kernel = {resolved.input[2], resolved.input[3]};
    switch (layer.type) {
        case LayerType::conv: resolved.output = windowed(resolved, layer.channels); break;
        case LayerType::max_pool:
        case LayerType::average_pool: resolved.output = windowed(resolved, resolved.input[1]); break;
        case LayerType::fc: resolved.output = {resolved.input[0], layer.channels}; break;
        case LayerType::concat:
            resolved.output = {
                resolved.input[0],
                std::accumulate(resolved.input_channels.begin(), resolved.input_channels.end(), std::int64_t{0}),
                resolved.input[2], resolved.input[3]};
            break;
        case LayerType::batch_norm:
        case LayerType::lrn:
        case LayerType::dropout:
        case LayerType::add:
        case LayerType::loss: resolved.output = resolved.input; break;
    }
}

}  // namespace

std::vector<ResolvedLayer> resolve(const Network& network, std::int64_t batch) {
    const InputSize& in = network.input;
    std::map<std::string, int> index = {{"data", -1}};
    std::vector<ResolvedLayer> resolved;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const Layer& layer = network.layers[i];
        ResolvedLayer entry{
            .layer = &layer, .inputs = {}, .input_channels = {}, .input = {}, .output = {}, .kernel = {}};
        for (const std::string& name : layer.inputs) {
            const auto found = index.find(name);
            if (found == index.end()) throw InputError("layer " + layer.name + ": unknown input '" + name + "'");
            entry.inputs.push_back(found->second);
        }
        if (layer.inputs.empty()) entry.inputs.push_back(static_cast<int>(i) - 1);
        const auto shape_of = [&](int input) {
            return input < 0 ? Shape{batch, in.channels, in.height, in.width}
                             : resolved[static_cast<std::size_t>(input)].output;
        };
        entry.input = shape_of(entry.inputs[0]);
        for (const int input : entry.inputs) {
            const Shape shape = shape_of(input);
            entry.input_channels.push_back(shape[1]);
            if (shape != entry.input && !(layer.type == LayerType::concat && same_plane(shape, entry.input))) {
                throw InputError("layer " + layer.name + ": inputs " + entry.input.text() + " and " + shape.text() +
                                 ", expected equal shapes");
            }
        }
        infer_output(entry);
        if (!index.emplace(layer.name, static_cast<int>(i)).second) throw InputError("two layers named " + layer.name);
        resolved.push_back(std::move(entry));
    }
    return resolved;
}

std::int64_t parameters_of(const ResolvedLayer& resolved) {
    const Layer& layer = *resolved.layer;
    switch (layer.type) {
        case LayerType::conv:
            return layer.channels *
                   (resolved.input[1] / layer.groups * resolved.kernel[0] * resolved.kernel[1] + (layer.bias ? 1 : 0));
        case LayerType::fc:
            return layer.channels * (resolved.input.elements() / resolved.input[0] + (layer.bias ? 1 : 0));
        case LayerType::batch_norm: return 2 * resolved.input[1];
        default: return 0;
    }
}

std::int64_t macs_of(const ResolvedLayer& resolved) {
    const Layer& layer = *resolved.layer;
    const std::int64_t outputs = resolved.output.elements() / resolved.output[0];
    switch (layer.type) {
        case LayerType::conv:
            return outputs * (resolved.input[1] / layer.groups) * resolved.kernel[0] * resolved.kernel[1];
        case LayerType::fc: return outputs * (resolved.input.elements() / resolved.input[0]);
        default: return 0;
    }
}

NetworkSize size_of(const Network& network) {
    NetworkSize size;
    for (const ResolvedLayer& layer : resolve(network, 1)) {
        (layer.layer->auxiliary ? size.auxiliary_parameters : size.parameters) += parameters_of(layer);
        (layer.layer->auxiliary ? size.auxiliary_macs : size.macs) += macs_of(layer);
    }
    return size;
}

Network network_of(const std::string& name, const TopologyOptions& options) {
    const Topology& topology = topology_of(name);
    if (!(options.width > 0.0 && options.width <= 64.0)) {
        throw InputError("width " + std::to_string(options.width) + ", expected more than 0 and at most 64");
    }
    return topology.make(options);
}

std::vector<std::string> network_names() {
    std::vector<std::string> names;
    for (const Topology& topology : kTopologies) names.emplace_back(topology.name);
    return names;
}

InputSize published_input(const std::string& name) {
    return topology_of(name).published;
}

}  // namespace dfp16
