// One golden case: one operation, its parameters, its inputs and what golden made of them.
#pragma once

#include <string>
#include <vector>

#include "reference/interface/backend.h"
#include "reference/interface/graph.h"
#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "vectors/operands.h"

namespace dfp16 {

/// What a case is, without its data.
struct CaseHeader {
    std::string name;  ///< its class: "forward/3x3-stride2-pad1/uniform/exact"
    OpKind op = OpKind::quantize;
    OpParams params;
    Shape extent;        ///< elementwise operations: the shape of their tensors; instructions: (count)
    RunContext context;  ///< seed and step of stochastic rounding
};

struct Case : CaseHeader {
    std::vector<HostTensor> inputs;   ///< as operands().inputs
    std::vector<HostTensor> outputs;  ///< as operands().outputs
};

/// Names, types and shapes of the case's tensors.
Operands operands_of(const CaseHeader& header);

/// The case as a graph of one operation. Tensors: the inputs, then the outputs.
Graph graph_of(const CaseHeader& header);

/// Runs the case on a backend and gives the outputs. Throws InputError where the backend does.
std::vector<HostTensor> run(const Case& golden_case, Backend& backend);

}  // namespace dfp16
