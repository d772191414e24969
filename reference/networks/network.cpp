#include "reference/networks/network.h"

#include <functional>
#include <map>
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
        case LayerType::add: return "add";
        case LayerType::loss: return "loss";
    }
    return "?";
}

namespace {

const std::vector<std::pair<std::string, std::function<Network(const InputSize&)>>>& registry() {
    static const std::vector<std::pair<std::string, std::function<Network(const InputSize&)>>> networks = {
        {"lenet5", lenet5},
        {"resnet8", [](const InputSize& input) { return cifar_resnet("resnet8", 1, input); }},
        {"resnet20", [](const InputSize& input) { return cifar_resnet("resnet20", 3, input); }},
    };
    return networks;
}

Shape windowed(const ResolvedLayer& resolved, std::int64_t channels) {
    const Layer& layer = *resolved.layer;
    const Shape& in = resolved.input;
    for (std::size_t i = 0; i < 2; ++i) {
        if (in[2 + i] + 2 * layer.pad[i] < resolved.kernel[i]) {
            throw InputError("layer " + layer.name + ": window of " + std::to_string(resolved.kernel[i]) +
                             " does not fit input " + in.text() + " with pad " + std::to_string(layer.pad[i]));
        }
    }
    return {in[0], channels, output_size(in[2], resolved.kernel[0], layer.stride[0], layer.pad[0]),
            output_size(in[3], resolved.kernel[1], layer.stride[1], layer.pad[1])};
}

void infer_output(ResolvedLayer& resolved) {
    const Layer& layer = *resolved.layer;
    const bool spatial =
        layer.type == LayerType::conv || layer.type == LayerType::max_pool || layer.type == LayerType::average_pool;
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
        case LayerType::batch_norm:
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
        ResolvedLayer entry{.layer = &layer, .inputs = {}, .input = {}, .output = {}, .kernel = {}};
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
            if (shape_of(input) != entry.input) {
                throw InputError("layer " + layer.name + ": inputs " + entry.input.text() + " and " +
                                 shape_of(input).text() + ", expected equal shapes");
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

Network network_of(const std::string& name, const InputSize& input) {
    std::string known;
    for (const auto& [known_name, make] : registry()) {
        if (name == known_name) return make(input);
        known += (known.empty() ? "" : ", ") + known_name;
    }
    throw InputError("unknown network '" + name + "', expected one of " + known);
}

std::vector<std::string> network_names() {
    std::vector<std::string> names;
    for (const auto& entry : registry()) names.push_back(entry.first);
    return names;
}

}  // namespace dfp16
