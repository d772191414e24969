// Which layers a run keeps in FP32 (contract section 14).
#pragma once

#include <string>
#include <vector>

#include "reference/networks/network.h"

namespace dfp16 {

/// By layer. A pattern is a layer's name, in which * stands for any characters, or `authors`: the first convolution and
/// all fully connected layers, as in the released code of the paper's authors. Throws InputError for a pattern that no
/// convolution or fully connected layer matches.
std::vector<bool> fp32_layers_of(const Network& network, const std::vector<std::string>& patterns);

}  // namespace dfp16
