// What later operations ask of DFP-16 tensors that whoever writes them can find in passing.
#pragma once

#include <optional>
#include <vector>

#include "reference/interface/graph.h"

namespace dfp16::fast {

struct WantedStatistics {
    /// By tensor: input of a batch norm in training: sums, squares, extremes.
    std::vector<bool> squares;
    /// By tensor: gradient of a batch norm's output: sums, and products with that batch norm's input, which is there
    /// when the gradient is written. The first batch norm's, of several.
    std::vector<std::optional<TensorId>> factor;
    /// By tensor: the mask of a ReLU's backward pass.
    std::vector<bool> positive;
};

WantedStatistics wanted_statistics(const Graph& graph);

}  // namespace dfp16::fast
