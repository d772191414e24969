// Where transient tensors lie in memory that all segments share.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "reference/interface/graph.h"

namespace dfp16::fast {

struct Scratch {
    std::vector<std::optional<std::size_t>>
        offsets;  ///< by tensor, in bytes, multiples of 64; none if it lies elsewhere
    std::size_t bytes = 0;
};

/// Gives each tensor of `wanted` a place from the operation that writes it to its last use. Tensors in use at the same
/// time do not overlap.
Scratch plan_scratch(const Graph& graph, const std::vector<bool>& wanted, const std::vector<std::size_t>& last_use,
                     const std::vector<std::size_t>& bytes);

}  // namespace dfp16::fast
