#include "tools/commands/inspect_network.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "tools/json_file.h"

namespace dfp16 {

namespace {

boost::json::array json_of(const Shape& shape) {
    boost::json::array dimensions;
    for (std::size_t i = 1; i < shape.rank(); ++i) dimensions.push_back(shape[i]);  // without the batch
    return dimensions;
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
                                {"relu", layer.relu}};
    const bool window =
        layer.type == LayerType::conv || layer.type == LayerType::max_pool || layer.type == LayerType::average_pool;
    if (window) {
        json["kernel"] = {resolved.kernel[0], resolved.kernel[1]};
        json["stride"] = {layer.stride[0], layer.stride[1]};
        json["pad"] = {layer.pad[0], layer.pad[1]};
    }
    if (layer.type == LayerType::conv) json["groups"] = layer.groups;
    return json;
}

std::string shape_text(const Shape& shape) {
    return shape.text().substr(shape.text().find('x') + 1);
}

}  // namespace

int inspect_network(const std::string& name, const std::string& json_file, const InputSize& input) {
    const Network network = network_of(name, input);
    JsonFile json(json_file);
    boost::json::array layers;
    std::int64_t parameters = 0;
    std::int64_t macs = 0;
    fmt::print("{}, input {}x{}x{}, {} classes\n", name, input.channels, input.height, input.width, input.classes);
    fmt::print("{:<22} {:<13} {:<32} {:>12} {:>12} {:>12} {:>12}\n", "layer", "type", "reads", "input", "output",
               "parameters", "MACs");
    for (const ResolvedLayer& layer : resolve(network, 1)) {
        layers.push_back(json_of(network, layer));
        parameters += parameters_of(layer);
        macs += macs_of(layer);
        fmt::print("{:<22} {:<13} {:<32} {:>12} {:>12} {:>12} {:>12}\n", layer.layer->name, name_of(layer.layer->type),
                   fmt::format("{}", fmt::join(inputs_of_layer(network, layer), ", ")), shape_text(layer.input),
                   shape_text(layer.output), parameters_of(layer), macs_of(layer));
    }
    fmt::print("{} parameters, {} MACs (convolutions and fully connected layers, one image, forward)\n", parameters,
               macs);
    json.commit({{"net", name}, {"layers", layers}, {"parameters", parameters}, {"macs", macs}});
    return 0;
}

}  // namespace dfp16
