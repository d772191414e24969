#include "vectors/conv_shapes.h"

#include <algorithm>

namespace dfp16 {

ConvParams params_of(const ConvGeometry& g, const Accumulation& accumulation) {
    ConvParams p{g.N, g.C, g.H, g.W, g.K, g.R, g.S, 0, 0, g.stride, g.pad, g.groups, accumulation};
    p.P = output_size(g.H, g.R, g.stride[0], g.pad[0]);
    p.Q = output_size(g.W, g.S, g.stride[1], g.pad[1]);
    return p;
}

ConvGeometry geometry_of(const ResolvedLayer& convolution) {
    const Layer& layer = *convolution.layer;
    const Shape& x = convolution.input;
    return {x[0],         x[1],      x[2],        x[3], layer.channels, convolution.kernel[0], convolution.kernel[1],
            layer.stride, layer.pad, layer.groups};
}

std::vector<Network> paper_networks() {
    std::vector<Network> networks;
    for (const char* name : {"resnet50", "resnet50-v1.5", "googlenet", "vgg16", "alexnet"}) {
        networks.push_back(network_of(name, {.input = published_input(name)}));
    }
    return networks;
}

std::vector<NetworkConvolution> network_convolutions(const std::vector<Network>& networks) {
    std::vector<NetworkConvolution> found;
    for (const Network& network : networks) {
        for (const ResolvedLayer& resolved : resolve(network, 1)) {
            const Layer& layer = *resolved.layer;
            if (layer.type != LayerType::conv) continue;
            const ConvGeometry geometry = geometry_of(resolved);
            const bool known = std::any_of(found.begin(), found.end(), [&](const NetworkConvolution& earlier) {
                return earlier.geometry == geometry;
            });
            if (!known) found.push_back({network.name + "/" + layer.name, geometry});
        }
    }
    return found;
}

}  // namespace dfp16
