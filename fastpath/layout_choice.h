// Which layout each tensor of a graph has.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "fastpath/layout.h"
#include "reference/interface/graph.h"

namespace dfp16::fast {

enum class Side { input, output };

/// The layout in which an operation takes its `index`-th input or gives its `index`-th output; none if it takes any, as
/// long as the tensors that it relates element by element have the same.
std::optional<Layout> required_layout(const Operation& operation, Side side, std::size_t index, const Shape& shape);

/// For every tensor of the graph. Tensors that an operation relates element by element get the same kind of layout:
/// blocked if an operation requires that of any of them, else plain. Where that is not what an operation requires (a
/// tensor with two roles, a fully connected layer after images), the plan converts.
std::vector<Layout> choose_layouts(const Graph& graph);

}  // namespace dfp16::fast
