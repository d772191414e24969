// One function a topology, each in the file of its name.
#pragma once

#include "reference/networks/network.h"

namespace dfp16 {

/// LeNet-5 (LeCun et al. 1998) with ReLU and max pooling.
Network lenet5(const InputSize& input);
/// The CIFAR residual networks of He et al. 2015, section 4.2: depth 6n + 2, three stages of n blocks.
Network cifar_resnet(const std::string& name, int blocks_per_stage, const InputSize& input);

}  // namespace dfp16
