#include "reference/interface/graph.h"

#include <algorithm>
#include <utility>

#include "sim/types/error.h"

namespace dfp16 {

const char* name_of(Pass pass) {
    switch (pass) {
        case Pass::forward: return "forward";
        case Pass::backward_data: return "backward_data";
        case Pass::weight_gradient: return "weight_gradient";
        case Pass::update: return "update";
    }
    return "?";
}

Pass pass_of(const std::string& name) {
    for (const Pass pass : {Pass::forward, Pass::backward_data, Pass::weight_gradient, Pass::update}) {
        if (name == name_of(pass)) return pass;
    }
    throw InputError("unknown pass '" + name + "', expected forward, backward_data, weight_gradient or update");
}

TensorId Graph::add_tensor(TensorInfo tensor) {
    tensors.push_back(std::move(tensor));
    return tensors.size() - 1;
}

void Graph::add_operation(Operation operation) {
    operations.push_back(std::move(operation));
}

std::vector<Segment> segments_of(const Graph& graph) {
    std::vector<std::size_t> last_use(graph.tensors.size(), 0);
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        for (const TensorId id : graph.operations[i].inputs) last_use[id] = i;
    }
    std::vector<Segment> segments;
    std::size_t first = 0;
    std::size_t end = 0;  // the segment must reach at least here
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        for (const TensorId id : graph.operations[i].outputs) {
            if (graph.tensors[id].storage == Storage::transient) end = std::max(end, last_use[id]);
        }
        if (i >= end) {
            segments.push_back({first, i + 1 - first});
            first = i + 1;
        }
    }
    return segments;
}

std::vector<Segment> single_operations(const Graph& graph) {
    std::vector<Segment> segments;
    for (std::size_t i = 0; i < graph.operations.size(); ++i) segments.push_back({i, 1});
    return segments;
}

namespace {
bool contains(const std::vector<TensorId>& ids, TensorId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}
}  // namespace

std::vector<TensorId> inputs_of(const Graph& graph, Segment segment) {
    std::vector<TensorId> inputs;
    std::vector<TensorId> written;
    for (std::size_t i = segment.first; i < segment.first + segment.count; ++i) {
        for (const TensorId id : graph.operations[i].inputs) {
            if (!contains(written, id) && !contains(inputs, id)) inputs.push_back(id);
        }
        for (const TensorId id : graph.operations[i].outputs) written.push_back(id);
    }
    return inputs;
}

std::vector<TensorId> outputs_of(const Graph& graph, Segment segment) {
    std::vector<TensorId> outputs;
    for (std::size_t i = segment.first; i < segment.first + segment.count; ++i) {
        for (const TensorId id : graph.operations[i].outputs) {
            if (!contains(outputs, id)) outputs.push_back(id);
        }
    }
    return outputs;
}

}  // namespace dfp16
