#include "fastpath/fusion.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "fastpath/layout_choice.h"
#include "fastpath/products.h"

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

bool is_convolution(const Operation& operation) {
    return operation.kind == OpKind::conv_forward || operation.kind == OpKind::conv_backward_data;
}

/// Mantissas that a ReLU behind can mask as they are written.
bool is_sum(const Operation& operation) {
    return operation.kind == OpKind::add || operation.kind == OpKind::max_pool_backward;
}

/// The tensors that are read when what stands for this operation is evaluated; the rest was used up when it was made.
std::vector<TensorId> read_late(const Operation& operation) {
    if (operation.kind == OpKind::batch_norm_backward || is_sum(operation) || is_convolution(operation)) {
        return {operation.inputs[0], operation.inputs[1]};
    }
    return {operation.inputs[0]};
}

bool contains(const std::vector<TensorId>& ids, TensorId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class Fuser {
public:
    Fuser(const Graph& graph, const std::vector<Layout>& layouts, Fusion& fusion)
        : graph_(graph), layouts_(layouts), fusion_(fusion) {}

    /// Folds the output of operation `i` of a segment, if that changes nothing but speed. Called from the segment's
    /// last operation to its first, so that a ReLU is settled before what feeds it.
    void try_fold(std::size_t i, const Segment& segment) {
        const Operation& operation = graph_.operations[i];
        if (is_sum(operation) && all_fit(operation)) return try_mask(i, i, segment);
        if (!is_tile_source(graph_, operation) && !is_convolution(operation)) return;
        const TensorId y = operation.outputs[0];
        if (!may_vanish(y)) return;
        const std::optional<std::size_t> end = quantize_of(y, i, segment);
        if (!end || rewritten(operation, i, *end)) return;
        if (is_convolution(operation) && !can_be_product_source(operation, graph_.operations[*end])) return;
        fusion_.folded[y] = true;
        run_at(*end, i);
        if (is_convolution(operation)) try_mask(i, *end, segment);
        if (operation.kind == OpKind::batch_norm_forward) try_add(i, *end, segment);
    }

private:
    bool may_vanish(TensorId id) const { return graph_.tensors[id].storage == Storage::transient && writers(id) == 1; }
    /// What operation `i` reads late is read at operation `end`.
    void run_at(std::size_t end, std::size_t i) {
        const Operation& operation = graph_.operations[i];
        for (const TensorId id : read_late(operation)) {
            fusion_.last_use[id] = std::max(fusion_.last_use[id], end);
        }
        if (is_tile_source(graph_, operation)) return;
        fusion_.works_for[i] = std::nullopt;
        fusion_.works_for[end] = i;
    }
    /// Folds the output of operation `last`, where what begins at operation `i` becomes DFP-16, into the ReLU that
    /// masks it.
    void try_mask(std::size_t i, std::size_t last, const Segment& segment) {
        const TensorId dy = graph_.operations[last].outputs[0];
        const std::optional<std::size_t> end = only_reader(dy, segment);
        if (!end || *end <= last || !may_vanish(dy)) return;
        const Operation& relu = graph_.operations[*end];
        if (relu.kind != OpKind::relu_backward || relu.inputs[0] != dy || relu.inputs[1] == dy) return;
        if (graph_.tensors[relu.inputs[1]].type != ElementType::mantissa) return;
        if (rewritten(graph_.operations[i], i, *end)) return;
        fusion_.folded[dy] = true;
        if (last != i) fusion_.works_for[last] = std::nullopt;
        run_at(*end, i);
    }
    /// Folds what quantize `last` makes of batch norm `i` into a sum.
    void try_add(std::size_t i, std::size_t last, const Segment& segment) {
        const Operation& quantize = graph_.operations[last];
        const TensorId y = quantize.outputs[0];
        const std::optional<std::size_t> end = only_reader(y, segment);
        if (!end || *end <= last || !may_vanish(y) || graph_.operations[*end].kind != OpKind::add) return;
        if (std::get<RoundingParams>(quantize.params).rounding != Rounding::nearest_even) return;
        if (layouts_[y] != layouts_[graph_.operations[i].inputs[0]]) return;
        if (rewritten(graph_.operations[i], i, *end)) return;
        fusion_.folded[y] = true;
        run_at(*end, i);
    }
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
    /// The quantize that alone reads y, perhaps through operations that are folded already.
    std::optional<std::size_t> quantize_of(TensorId y, std::size_t i, const Segment& segment) const {
        const std::optional<std::size_t> reader = only_reader(y, segment);
        if (!reader || *reader <= i) return std::nullopt;
        const Operation& next = graph_.operations[*reader];
        if (next.kind == OpKind::quantize) return reader;
        const bool passes_on = next.kind == OpKind::relu_forward || next.kind == OpKind::bias_forward;
        if (!passes_on || next.inputs[0] != y || !fusion_.folded[next.outputs[0]]) return std::nullopt;
        return quantize_of(next.outputs[0], *reader, segment);
    }
    /// Operands in the layouts that convolutions read, as nothing is converted late.
    bool can_be_product_source(const Operation& operation, const Operation& quantize) const {
        if (!may_quantize(std::get<ConvParams>(operation.params), operation.kind == OpKind::conv_forward)) return false;
        const TensorId y = operation.outputs[0];
        return std::get<RoundingParams>(quantize.params).rounding == Rounding::nearest_even && all_fit(operation) &&
               layouts_[quantize.outputs[0]] == layouts_[y];
    }
    /// Two operands and the result.
    bool all_fit(const Operation& operation) const {
        return fits(operation, Side::input, 0, operation.inputs[0]) &&
               fits(operation, Side::input, 1, operation.inputs[1]) &&
               fits(operation, Side::output, 0, operation.outputs[0]);
    }
    bool fits(const Operation& operation, Side side, std::size_t index, TensorId id) const {
        const std::optional<Layout> layout = required_layout(operation, side, index, graph_.tensors[id].shape);
        return !layout || *layout == layouts_[id];
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
    const std::vector<Layout>& layouts_;
    Fusion& fusion_;
};

}  // namespace

Fusion fuse(const Graph& graph, const std::vector<Segment>& segments, const std::vector<Layout>& layouts, bool expose) {
    Fusion fusion;
    fusion.folded.assign(graph.tensors.size(), false);
    fusion.last_use.assign(graph.tensors.size(), 0);
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        for (const TensorId id : graph.operations[i].inputs) fusion.last_use[id] = i;
        for (const TensorId id : graph.operations[i].outputs) fusion.last_use[id] = std::max(fusion.last_use[id], i);
    }
    for (std::size_t i = 0; i < graph.operations.size(); ++i) fusion.works_for.push_back(i);
    if (expose) return fusion;
    Fuser fuser(graph, layouts, fusion);
    for (const Segment& segment : segments) {
        for (std::size_t i = segment.first + segment.count; i-- > segment.first;) fuser.try_fold(i, segment);
    }
    return fusion;
}

}  // namespace dfp16::fast
