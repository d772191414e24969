// One golden case: one operation, its parameters, its inputs and what golden made of them.
#pragma once

#include <vector>

#include "reference/interface/backend.h"
#include "reference/interface/graph.h"
#include "reference/interface/host_tensor.h"
#include "vectors/case_header.h"
#include "vectors/operands.h"

namespace dfp16 {

struct Case : CaseHeader {
    std::vector<HostTensor> inputs;   ///< as operands_of().inputs
    std::vector<HostTensor> outputs;  ///< as operands_of().outputs
};

/// The case as a graph of one operation. Tensors: the inputs, then the outputs; an output with the name of an input is
/// that tensor, updated in place.
Graph graph_of(const CaseHeader& header);

/// The header of an operation that ran on these tensors; its name stays empty.
CaseHeader header_of(OpKind op, const OpParams& params, const RunContext& context,
                     const std::vector<HostTensor>& inputs, const std::vector<HostTensor>& outputs);

/// Runs the case on a backend and gives the outputs. Throws InputError where the backend does.
std::vector<HostTensor> run(const Case& golden_case, Backend& backend);

}  // namespace dfp16
