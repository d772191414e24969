#include "fastpath/layout_choice.h"

#include <cstdint>
#include <numeric>

namespace dfp16::fast {

namespace {

enum class Need { any, plain, channels, rows };

struct Needs {
    std::vector<Need> inputs;
    std::vector<Need> outputs;
};

/// What is not listed is plain.
Needs needs_of(OpKind kind) {
    using enum Need;
    switch (kind) {
        case OpKind::quantize:
        case OpKind::dequantize:
        case OpKind::down_convert:
        case OpKind::relu_forward: return {{any}, {any}};
        case OpKind::multiply:
        case OpKind::add:
        case OpKind::relu_backward: return {{any, any}, {any}};
        case OpKind::conv_forward:
        case OpKind::conv_backward_data: return {{channels, plain}, {channels}};
        case OpKind::conv_weight_gradient: return {{channels, channels}, {plain}};
        case OpKind::fc_forward: return {{rows, plain}, {channels}};
        case OpKind::fc_backward_data: return {{channels, plain}, {rows}};
        case OpKind::fc_weight_gradient: return {{rows, channels}, {plain}};
        case OpKind::bias_forward: return {{channels, plain}, {channels}};
        case OpKind::bias_gradient: return {{channels}, {plain}};
        case OpKind::max_pool_forward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward:
        case OpKind::lrn_forward: return {{channels}, {channels}};
        case OpKind::dropout_forward:
        case OpKind::dropout_backward: return {{any}, {any}};
        case OpKind::lrn_backward:
        case OpKind::max_pool_backward: return {{channels, channels}, {channels}};
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference: return {{channels}, {channels}};
        case OpKind::batch_norm_backward: return {{channels, channels}, {channels}};
        case OpKind::softmax_forward: return {{any}, {any}};
        case OpKind::softmax_backward: return {{any}, {any}};
        default: return {};
    }
}

/// Any number of parts, all alike.
bool is_concat(OpKind kind) {
    return kind == OpKind::concat_forward || kind == OpKind::concat_backward;
}

Need need_of(const Operation& operation, Side side, std::size_t index) {
    if (is_concat(operation.kind)) return Need::channels;
    const Needs needs = needs_of(operation.kind);
    const std::vector<Need>& of_side = side == Side::input ? needs.inputs : needs.outputs;
    return index < of_side.size() ? of_side[index] : Need::plain;
}

/// Sets of tensors, by union and find.
class Classes {
public:
    explicit Classes(std::size_t tensors) : parent_(tensors) {
        std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    }
    TensorId find(TensorId id) {
        while (parent_[id] != id) id = parent_[id] = parent_[parent_[id]];
        return id;
    }
    void join(TensorId a, TensorId b) { parent_[find(a)] = find(b); }

private:
    std::vector<TensorId> parent_;
};

template <typename Visit>
void visit_operands(const Operation& operation, const Visit& visit) {
    for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
        visit(operation.inputs[i], need_of(operation, Side::input, i));
    }
    for (std::size_t i = 0; i < operation.outputs.size(); ++i) {
        visit(operation.outputs[i], need_of(operation, Side::output, i));
    }
}

/// Tensors that come from outside and that only quantize reads, as images do: they stay plain, as quantize reads them
/// so.
std::vector<bool> quantized_inputs(const Graph& graph) {
    std::vector<bool> only(graph.tensors.size(), true);
    for (const Operation& operation : graph.operations) {
        for (const TensorId id : operation.outputs) only[id] = false;
        for (const TensorId id : operation.inputs) only[id] = only[id] && operation.kind == OpKind::quantize;
    }
    return only;
}

}  // namespace

std::optional<Layout> required_layout(const Operation& operation, Side side, std::size_t index, const Shape& shape) {
    switch (need_of(operation, side, index)) {
        case Need::any: return std::nullopt;
        case Need::plain: return Layout::plain(shape);
        case Need::channels: return Layout::blocked_channels(shape);
        case Need::rows: return Layout::blocked_rows(shape);
    }
    return std::nullopt;
}

std::vector<Layout> choose_layouts(const Graph& graph) {
    Classes classes(graph.tensors.size());
    for (const Operation& operation : graph.operations) {
        std::optional<TensorId> first;
        visit_operands(operation, [&](TensorId id, Need need) {
            if (need != Need::any) return;
            if (first) classes.join(id, *first);
            first = id;
        });
    }
    std::vector<bool> blocked(graph.tensors.size(), false);
    for (const Operation& operation : graph.operations) {
        visit_operands(operation, [&](TensorId id, Need need) {
            if (need == Need::channels || need == Need::rows) blocked[classes.find(id)] = true;
        });
    }
    const std::vector<bool> plain = quantized_inputs(graph);
    std::vector<Layout> layouts;
    for (TensorId id = 0; id < graph.tensors.size(); ++id) {
        const Shape& shape = graph.tensors[id].shape;
        layouts.push_back(blocked[classes.find(id)] && !plain[id] ? Layout::blocked_channels(shape)
                                                                  : Layout::plain(shape));
    }
    return layouts;
}

}  // namespace dfp16::fast
