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
    /// By tensor: written by bias, ReLU (FP32), batch norm or a convolution, transient, and read by one quantize only,
    /// perhaps through bias and ReLU.
    std::vector<bool> folded;
    /// By tensor: the last operation that needs it in memory.
    std::vector<std::size_t> last_use;
    /// By operation: itself; none for a convolution that runs later; that convolution for the quantize that runs it.
    std::vector<std::optional<std::size_t>> works_for;
};

/// With `expose` nothing is folded.
Fusion fuse(const Graph& graph, const std::vector<Segment>& segments, const std::vector<Layout>& layouts, bool expose);

}  // namespace dfp16::fast
