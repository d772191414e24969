// Which tensors are never written, because the one operation that reads them computes them tile by tile.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "fastpath/layout.h"
#include "reference/interface/graph.h"

namespace dfp16::fast {

/// What becomes of the tensors of a graph.
struct Fusion {
    /// By tensor: transient, and read by one operation only. FP32: written by bias, ReLU, batch norm or a convolution,
    /// and read by a quantize, perhaps through bias and ReLU. DFP-16: what that quantize makes of a convolution, a sum,
    /// or the gradient of max pooling, read as the gradient by relu_backward; or what it makes of batch norm in
    /// training, read by add.
    std::vector<bool> folded;
    /// By tensor: the last operation that needs it in memory.
    std::vector<std::size_t> last_use;
    /// By operation: itself; none for a convolution or sum that runs later; that one for the operation that runs it.
    std::vector<std::optional<std::size_t>> works_for;
};

/// With `expose` nothing is folded.
Fusion fuse(const Graph& graph, const std::vector<Segment>& segments, const std::vector<Layout>& layouts, bool expose);

}  // namespace dfp16::fast
