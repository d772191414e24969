// A training step (or any part of one) as a graph of contract operations over named tensors (DESIGN section 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/interface/shape.h"

namespace dfp16 {

enum class Pass { forward, backward_data, weight_gradient, update };
const char* name_of(Pass pass);
/// Throws InputError for an unknown name.
Pass pass_of(const std::string& name);

/// A stored tensor can be read after the segment that writes it. A transient one exists only within its segment; a
/// backend may never materialize it.
enum class Storage { stored, transient };

using TensorId = std::size_t;

struct TensorInfo {
    std::string layer;  ///< "conv1"
    std::string name;   ///< within the layer: "y", "dx", "dw", "w", "w.momentum"
    ElementType type = ElementType::fp32;
    Shape shape;
    Storage storage = Storage::stored;
    bool persistent = false;  ///< keeps its value from step to step: parameters, momenta, running statistics
};

struct Operation {
    OpKind kind = OpKind::quantize;
    std::string layer;
    Pass pass = Pass::forward;
    OpParams params;
    std::vector<TensorId> inputs;
    std::vector<TensorId> outputs;  ///< one that is also an input is updated in place
};

struct Graph {
    std::vector<TensorInfo> tensors;
    std::vector<Operation> operations;

    TensorId add_tensor(TensorInfo tensor);
    void add_operation(Operation operation);
    /// "conv1.y"
    std::string tensor_name(TensorId id) const { return tensors[id].layer + "." + tensors[id].name; }
};

/// Consecutive operations that a backend runs as one.
struct Segment {
    std::size_t first = 0;
    std::size_t count = 0;
};

/// The shortest segments that no transient tensor crosses.
std::vector<Segment> segments_of(const Graph& graph);
/// One segment per operation.
std::vector<Segment> single_operations(const Graph& graph);

/// Tensors that the segment reads before it writes them, and tensors that it writes; each in order of first use.
std::vector<TensorId> inputs_of(const Graph& graph, Segment segment);
std::vector<TensorId> outputs_of(const Graph& graph, Segment segment);

/// Checks every operation: number, types and shapes of its tensors, and its parameters. Throws InputError that names
/// the operation, the tensor, and what was expected.
void validate(const Graph& graph);

}  // namespace dfp16
