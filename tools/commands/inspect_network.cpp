#include "tools/commands/inspect_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "tools/json_file.h"

namespace dfp16 {

namespace {

boost::json::array json_of(const Shape& shape) {
    boost::json::array dimensions;
    for (std::size_t i = 1; i < shape.rank(); ++i) dimensions.push_back(shape[i]);  // without the batch
    return dimensions;
}

/// The double that reads as the float does: 0.3, not 0.300000012.
double shortest(float value) {
    return std::stod(fmt::format("{}", value));
}

std::vector<std::string> inputs_of_layer(const Network& network, const ResolvedLayer& layer) {
    std::vector<std::string> inputs;
    for (const int input : layer.inputs) {
        inputs.push_back(input < 0 ? "data" : network.layers[static_cast<std::size_t>(input)].name);
    }
    return inputs;
}

boost::json::object json_of(const Network& network, const ResolvedLayer& resolved) {
    const Layer& layer = *resolved.layer;
    boost::json::object json = {{"name", layer.name},
                                {"type", name_of(layer.type)},
                                {"inputs", boost::json::value_from(inputs_of_layer(network, resolved))},
                                {"input_shape", json_of(resolved.input)},
                                {"output_shape", json_of(resolved.output)},
                                {"parameters", parameters_of(resolved)},
                                {"macs", macs_of(resolved)},
                                {"bias", layer.bias},
                                {"relu", layer.relu},
                                {"auxiliary", layer.auxiliary}};
    const bool pool = layer.type == LayerType::max_pool || layer.type == LayerType::average_pool;
    const bool window = layer.type == LayerType::conv || pool;
    if (window) {
        json["kernel"] = {resolved.kernel[0], resolved.kernel[1]};
        json["stride"] = {layer.stride[0], layer.stride[1]};
        json["pad"] = {layer.pad[0], layer.pad[1]};
    }
    if (pool) json["size"] = layer.size == SizeRounding::ceil ? "ceil" : "floor";
    if (layer.type == LayerType::conv) json["groups"] = layer.groups;
    if (layer.type == LayerType::lrn) {
        json["size"] = layer.lrn.size;
        json["alpha"] = shortest(layer.lrn.alpha);
        json["k"] = shortest(layer.lrn.k);
    }
    if (layer.type == LayerType::dropout) json["rate"] = shortest(layer.rate);
    if (layer.type == LayerType::loss) json["weight"] = shortest(layer.weight);
    return json;
}

std::string shape_text(const Shape& shape) {
    return shape.text().substr(shape.text().find('x') + 1);
}

}  // namespace

int inspect_network(const std::string& name, const std::string& json_file, const TopologyOptions& options) {
    const Network network = network_of(name, options);
    const InputSize& input = network.input;
    const std::vector<ResolvedLayer> resolved = resolve(network, 1);
    JsonFile json(json_file);
    boost::json::array layers;
    const auto reads = [&](const ResolvedLayer& layer) {
        return fmt::format("{}", fmt::join(inputs_of_layer(network, layer), ", "));
    };
    std::size_t widest = 5;
    for (const ResolvedLayer& layer : resolved) widest = std::max(widest, reads(layer).size());
    fmt::print("{}, input {}x{}x{}, {} classes, width {}\n", name, input.channels, input.height, input.width,
               input.classes, options.width);
    const auto line = [&](const auto&... columns) {
        fmt::print("{:<22} {:<13} {:<{}} {:>13} {:>13} {:>12} {:>12}\n", columns...);
    };
    line("layer", "type", "reads", widest, "input", "output", "parameters", "MACs");
    for (const ResolvedLayer& layer : resolved) {
        layers.push_back(json_of(network, layer));
        line(layer.layer->name, name_of(layer.layer->type), reads(layer), widest, shape_text(layer.input),
             shape_text(layer.output), parameters_of(layer), macs_of(layer));
    }
    const NetworkSize size = size_of(network);
    fmt::print("{} parameters, {} MACs (convolutions and fully connected layers, one image, forward)\n",
               size.parameters, size.macs);
    if (size.auxiliary_parameters > 0) {
        fmt::print("auxiliary heads, not counted above: {} parameters, {} MACs\n", size.auxiliary_parameters,
                   size.auxiliary_macs);
    }
    json.commit({{"net", name},
                 {"input", {input.channels, input.height, input.width}},
                 {"classes", input.classes},
                 {"width", options.width},
                 {"layers", layers},
                 {"parameters", size.parameters},
                 {"macs", size.macs},
                 {"auxiliary_parameters", size.auxiliary_parameters},
                 {"auxiliary_macs", size.auxiliary_macs}});
    return 0;
}

}  // namespace dfp16
