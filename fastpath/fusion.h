// Which tensors are never written, because the one operation that reads them computes them tile by tile.
#pragma once

#include <cstddef>
#include <vector>

#include "reference/interface/graph.h"

namespace dfp16::fast {

/// What becomes of the tensors of a graph.
struct Fusion {
    /// By tensor: written by bias, ReLU (FP32) or batch norm, transient, and read by one quantize only, perhaps through
    /// a ReLU.
    std::vector<bool> folded;
    /// By tensor: the last operation that needs it in memory.
    std::vector<std::size_t> last_use;
};

/// With `expose` nothing is folded.
Fusion fuse(const Graph& graph, const std::vector<Segment>& segments, bool expose);

}  // namespace dfp16::fast
