#pragma once

#include "reference/interface/graph.h"

namespace dfp16::fast {

/// The fast path has INT16 arithmetic only. Throws InputError for a validated graph that has FP32 tensors where the
/// contract has DFP-16 ones (the FP32 baseline's graphs).
void require_int16(const Graph& graph);

}  // namespace dfp16::fast
