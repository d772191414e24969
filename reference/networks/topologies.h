// One function a topology, each in the file of its name.
#pragma once

#include <cstdint>
#include <string>

#include "reference/networks/network.h"

namespace dfp16 {

/// LeNet-5 (LeCun et al. 1998) with ReLU and max pooling.
Network lenet5(const TopologyOptions& options);
/// The CIFAR residual networks of He et al. 2015, section 4.2: depth 6n + 2, three stages of n blocks.
Network cifar_resnet(const std::string& name, int blocks_per_stage, const TopologyOptions& options);
/// AlexNet (Krizhevsky et al. 2012) in one column, as Caffe has it: two groups, LRN before pooling, dropout.
Network alexnet(const TopologyOptions& options);
/// VGG-16 (Simonyan and Zisserman 2014, configuration D).
Network vgg16(const TopologyOptions& options);
/// GoogLeNet-v1 (Szegedy et al. 2014) with both auxiliary classifiers, as Caffe has it; or with batch norm behind every
/// convolution in place of biases and LRN.
Network googlenet(const TopologyOptions& options);
Network googlenet_bn(const TopologyOptions& options);
/// ResNet-50 (He et al. 2015, table 1). The stride of a downsampling block is at its first 1x1 convolution, in v1.5 at
/// the 3x3.
Network resnet50(const TopologyOptions& options);
Network resnet50_v1_5(const TopologyOptions& options);

/// `channels` times the width, rounded to a multiple of `multiple`, and at least that.
std::int64_t scaled(std::int64_t channels, const TopologyOptions& options, std::int64_t multiple = 1);
/// The stride of a first layer that was published with `stride` for an ImageNet crop: 1 where the input is smaller than
/// 64 pixels a side, which such a stem would leave nothing of.
std::int64_t stem_stride(std::int64_t stride, const TopologyOptions& options);

}  // namespace dfp16
