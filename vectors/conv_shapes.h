// Shapes of convolutions: as the suite lists them, and as networks have them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "reference/interface/operation.h"
#include "reference/networks/network.h"

namespace dfp16 {

/// A convolution without the sizes that follow from the others.
struct ConvGeometry {
    std::int64_t N, C, H, W, K, R, S;
    std::array<std::int64_t, 2> stride, pad;
    std::int64_t groups;
    friend bool operator==(const ConvGeometry&, const ConvGeometry&) = default;
};

ConvParams params_of(const ConvGeometry& geometry, const Accumulation& accumulation);

/// Of a layer that is a convolution.
ConvGeometry geometry_of(const ResolvedLayer& convolution);

struct NetworkConvolution {
    std::string layer;  ///< the first that has this shape: "resnet50/conv1"
    ConvGeometry geometry;
};

/// ResNet-50 (both forms), GoogLeNet, VGG-16 and AlexNet, at the size that they were published for.
std::vector<Network> paper_networks();

/// Every distinct convolution of the networks for one image, in their order.
std::vector<NetworkConvolution> network_convolutions(const std::vector<Network>& networks);

}  // namespace dfp16
