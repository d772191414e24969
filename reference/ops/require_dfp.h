#pragma once

#include "reference/interface/graph.h"

namespace dfp16 {

/// Throws InputError for an FP32 tensor where the contract wants DFP-16: validate() lets it pass, for FP32 graphs.
void require_dfp(const Graph& graph);

}  // namespace dfp16
