#include "reference/fp32_layers.h"

#include <algorithm>

#include "reference/record.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

std::vector<bool> authors_choice(const Network& network) {
    std::vector<bool> kept(network.layers.size(), false);
    bool first = true;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const LayerType type = network.layers[i].type;
        kept[i] = type == LayerType::fc || (type == LayerType::conv && first);
        first = first && type != LayerType::conv;
    }
    return kept;
}

std::vector<bool> matching(const Network& network, const std::string& pattern) {
    std::vector<bool> kept(network.layers.size(), false);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const Layer& layer = network.layers[i];
        kept[i] = (layer.type == LayerType::conv || layer.type == LayerType::fc) && matches(pattern, layer.name);
    }
    if (std::find(kept.begin(), kept.end(), true) == kept.end()) {
        throw InputError("FP32 layers '" + pattern + "': no convolution or fully connected layer of " + network.name +
                         " has such a name");
    }
    return kept;
}

}  // namespace

std::vector<bool> fp32_layers_of(const Network& network, const std::vector<std::string>& patterns) {
    std::vector<bool> all(network.layers.size(), false);
    for (const std::string& pattern : patterns) {
        const std::vector<bool> kept = pattern == "authors" ? authors_choice(network) : matching(network, pattern);
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = all[i] || kept[i];
    }
    return all;
}

}  // namespace dfp16
