#include "fastpath/fusion.h"

#include <algorithm>
#include <optional>

namespace dfp16::fast {

namespace {

bool is_tile_source(const Graph& graph, const Operation& operation) {
    switch (operation.kind) {
        case OpKind::bias_forward:
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::batch_norm_backward: return true;
        case OpKind::relu_forward: return graph.tensors[operation.outputs[0]].type == ElementType::fp32;
        default: return false;
    }
}

/// The tensors that a TileSource of this operation reads when it is evaluated; the rest was used up when it was made.
std::vector<TensorId> read_late(const Operation& operation) {
    if (operation.kind == OpKind::batch_norm_backward) return {operation.inputs[0], operation.inputs[1]};
    return {operation.inputs[0]};
}

bool contains(const std::vector<TensorId>& ids, TensorId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class Fuser {
public:
    Fuser(const Graph& graph, Fusion& fusion) : graph_(graph), fusion_(fusion) {}

    /// Folds the output of operation `i` of a segment, if that changes nothing but speed. Called from the segment's
    /// last operation to its first, so that a ReLU is settled before what feeds it.
    void try_fold(std::size_t i, const Segment& segment) {
        const Operation& operation = graph_.operations[i];
        if (!is_tile_source(graph_, operation)) return;
        const TensorId y = operation.outputs[0];
        const std::optional<std::size_t> reader = only_reader(y, segment);
        if (writers(y) != 1) return;
        if (graph_.tensors[y].storage != Storage::transient || !reader || *reader <= i) return;
        const Operation& next = graph_.operations[*reader];
        const bool relu = next.kind == OpKind::relu_forward && fusion_.folded[next.outputs[0]];
        if (next.kind != OpKind::quantize && !relu) return;
        const std::size_t end = relu ? *only_reader(next.outputs[0], segment) : *reader;
        if (rewritten(operation, i, end)) return;
        fusion_.folded[y] = true;
        for (const TensorId id : read_late(operation)) {
            fusion_.last_use[id] = std::max(fusion_.last_use[id], end);
        }
    }

private:
    std::size_t writers(TensorId id) const {
        std::size_t count = 0;
        for (const Operation& operation : graph_.operations) count += contains(operation.outputs, id);
        return count;
    }
    std::optional<std::size_t> only_reader(TensorId id, const Segment& segment) const {
        std::optional<std::size_t> reader;
        for (std::size_t i = segment.first; i < segment.first + segment.count; ++i) {
            const Operation& operation = graph_.operations[i];
            const auto reads = std::count(operation.inputs.begin(), operation.inputs.end(), id);
            if (reads == 0) continue;
            if (reader || reads > 1) return std::nullopt;
            reader = i;
        }
        return reader;
    }
    /// Whether what is read late changes between the operation and operation `end`.
    bool rewritten(const Operation& operation, std::size_t i, std::size_t end) const {
        for (std::size_t j = i + 1; j < end; ++j) {
            for (const TensorId id : read_late(operation)) {
                if (contains(graph_.operations[j].outputs, id)) return true;
            }
        }
        return false;
    }

    const Graph& graph_;
    Fusion& fusion_;
};

}  // namespace

Fusion fuse(const Graph& graph, const std::vector<Segment>& segments, bool expose) {
    Fusion fusion;
    fusion.folded.assign(graph.tensors.size(), false);
    fusion.last_use.assign(graph.tensors.size(), 0);
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        for (const TensorId id : graph.operations[i].inputs) fusion.last_use[id] = i;
        for (const TensorId id : graph.operations[i].outputs) fusion.last_use[id] = std::max(fusion.last_use[id], i);
    }
    if (expose) return fusion;
    Fuser fuser(graph, fusion);
    for (const Segment& segment : segments) {
        for (std::size_t i = segment.first + segment.count; i-- > segment.first;) fuser.try_fold(i, segment);
    }
    return fusion;
}

}  // namespace dfp16::fast
