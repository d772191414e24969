#include "vectors/layer_operands.h"

#include "sim/types/error.h"
#include "vectors/operand_helpers.h"

namespace dfp16 {

using namespace operand;

namespace {

constexpr std::int64_t kLargestWindow = 65536;
constexpr std::int64_t kLargestLrnSize = 65535;

const char* activation_axes(const Shape& shape) {
    return shape.rank() == 4 ? "n,c,h,w" : shape.rank() == 2 ? "n,c" : "";
}

/// Dimension 1 of an activation.
Shape channels_of(const Shape& shape) {
    require(shape.rank() >= 2, "shape = " + shape.text() + ", expected (N, channels, ...)");
    return {shape[1]};
}

Operands bias_operands(OpKind op, const Shape& shape, ElementType element) {
    const Shape channels = channels_of(shape);
    const char* axes = activation_axes(shape);
    if (op == OpKind::bias_gradient) return {{either(element, "dy", axes, shape)}, {fp32("db", "k", channels)}};
    return {{fp32("x", axes, shape), fp32("b", "k", channels)}, {fp32("y", axes, shape)}};
}

Operands relu_operands(OpKind op, const CaseHeader& header) {
    const char* axes = activation_axes(header.extent);
    const auto tensor = [&](const char* name, ElementType type) { return either(type, name, axes, header.extent); };
    if (op == OpKind::relu_forward) return {{tensor("x", header.element)}, {tensor("y", header.element)}};
    return {{tensor("dy", header.element), tensor("y", header.y_element)}, {tensor("dx", header.element)}};
}

Operands pool_operands(OpKind op, const PoolParams& p) {
    require_size("N", p.N);
    require_size("C", p.C);
    check_window("H", p.H, p.R, p.stride[0], p.pad[0], "P", p.P, p.size);
    check_window("W", p.W, p.S, p.stride[1], p.pad[1], "Q", p.Q, p.size);
    require(p.R * p.S <= kLargestWindow, "kernel of " + std::to_string(p.R) + "x" + std::to_string(p.S) +
                                             " elements, expected at most " + std::to_string(kLargestWindow));
    const bool max = op == OpKind::max_pool_forward || op == OpKind::max_pool_backward;
    require(!max || (p.pad[0] < p.R && p.pad[1] < p.S),
            "pad = [" + std::to_string(p.pad[0]) + "," + std::to_string(p.pad[1]) + "], expected less than the kernel");
    check_rounding(p.rounding);
    const Shape x = {p.N, p.C, p.H, p.W};
    const Shape y = {p.N, p.C, p.P, p.Q};
    switch (op) {
        case OpKind::max_pool_forward: return {{int16("x", "n,c,h,w", x)}, {int16("y", "n,c,p,q", y)}};
        case OpKind::max_pool_backward:
            return {{int16("x", "n,c,h,w", x), int16("dy", "n,c,p,q", y)}, {int16("dx", "n,c,h,w", x)}};
        case OpKind::average_pool_forward: return {{int16("x", "n,c,h,w", x)}, {fp32("y", "n,c,p,q", y)}};
        default: return {{int16("dy", "n,c,p,q", y)}, {fp32("dx", "n,c,h,w", x)}};
    }
}

Operands lrn_operands(OpKind op, const LrnParams& p, const Shape& shape) {
    require(
        p.size >= 1 && p.size <= kLargestLrnSize && p.size % 2 == 1,
        "size = " + std::to_string(p.size) + ", expected an odd number from 1 to " + std::to_string(kLargestLrnSize));
    require(p.alpha >= 0.0f, "alpha = " + std::to_string(p.alpha) + ", expected at least 0");
    require(p.k > 0.0f, "k = " + std::to_string(p.k) + ", expected more than 0");
    channels_of(shape);
    const char* axes = activation_axes(shape);
    if (op == OpKind::lrn_forward) return {{int16("x", axes, shape)}, {fp32("y", axes, shape)}};
    return {{int16("x", axes, shape), int16("dy", axes, shape)}, {fp32("dx", axes, shape)}};
}

Operands dropout_operands(OpKind op, const DropoutParams& p, const Shape& shape) {
    require(p.rate >= 0.0f && p.rate < 1.0f, "rate = " + std::to_string(p.rate) + ", expected 0 or more and below 1");
    check_tensor(p.tensor);
    const char* axes = activation_axes(shape);
    if (op == OpKind::dropout_forward) return {{int16("x", axes, shape)}, {fp32("y", axes, shape)}};
    return {{int16("dy", axes, shape)}, {fp32("dx", axes, shape)}};
}

/// `shape` is that of the whole.
Operands concat_operands(OpKind op, const ConcatParams& p, const Shape& shape) {
    require(shape.rank() == 4, "shape = " + shape.text() + ", expected (N, C, H, W)");
    check_rounding(p.rounding);
    std::int64_t channels = 0;
    for (const std::int64_t part : p.channels) {
        require_size("channels", part);
        channels += part;
    }
    require(channels == shape[1], "channels of all parts are " + std::to_string(channels) +
                                      ", expected C = " + std::to_string(shape[1]) + " of shape = " + shape.text());
    const bool forward = op == OpKind::concat_forward;
    const Operand whole = int16(forward ? "y" : "dy", "n,c,h,w", shape);
    std::vector<Operand> parts;
    for (const std::int64_t part : p.channels) {
        const std::string name = (forward ? "x" : "dx") + std::to_string(parts.size());
        parts.push_back(int16(name, "n,c,h,w", {shape[0], part, shape[2], shape[3]}));
    }
    if (forward) return {parts, {whole}};
    return {{whole}, parts};
}

Operands batch_norm_operands(OpKind op, const Shape& shape) {
    const char* axes = activation_axes(shape);
    const Shape channels = channels_of(shape);
    const auto channel = [&](const char* name) { return fp32(name, "c", channels); };
    if (op == OpKind::batch_norm_backward) {
        return {
            {int16("x", axes, shape), int16("dy", axes, shape), channel("gamma"), channel("mean"), channel("invstd")},
            {fp32("dx", axes, shape), channel("dgamma"), channel("dbeta")}};
    }
    Operands operands{
        {int16("x", axes, shape), channel("gamma"), channel("beta"), channel("running_mean"), channel("running_var")},
        {fp32("y", axes, shape)}};
    if (op == OpKind::batch_norm_forward) {
        for (const char* name : {"mean", "invstd", "running_mean", "running_var"})
            operands.outputs.push_back(channel(name));
    }
    return operands;
}

Operands softmax_operands(OpKind op, const Shape& shape) {
    require(shape.rank() == 2, "shape = " + shape.text() + ", expected (N, K)");
    const Operand classes = labels("labels", "n", {shape[0]});
    if (op == OpKind::softmax_backward) return {{fp32("p", "n,k", shape), classes}, {fp32("dz", "n,k", shape)}};
    return {{fp32("z", "n,k", shape), classes}, {fp32("p", "n,k", shape), fp32("loss", "i", {1})}};
}

Operands sgd_operands(const Shape& shape) {
    const auto tensor = [&](const char* name) { return fp32(name, shape.rank() == 4 ? "k,c,r,s" : "", shape); };
    return {{tensor("w"), tensor("v"), tensor("dw")}, {tensor("w"), tensor("v")}};
}

}  // namespace

Operands layer_operands(const CaseHeader& header) {
    const OpKind op = header.op;
    switch (op) {
        case OpKind::bias_forward:
        case OpKind::bias_gradient: return bias_operands(op, header.extent, header.element);
        case OpKind::relu_forward:
        case OpKind::relu_backward: return relu_operands(op, header);
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return pool_operands(op, std::get<PoolParams>(header.params));
        case OpKind::lrn_forward:
        case OpKind::lrn_backward: return lrn_operands(op, std::get<LrnParams>(header.params), header.extent);
        case OpKind::dropout_forward:
        case OpKind::dropout_backward:
            return dropout_operands(op, std::get<DropoutParams>(header.params), header.extent);
        case OpKind::concat_forward:
        case OpKind::concat_backward: return concat_operands(op, std::get<ConcatParams>(header.params), header.extent);
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::batch_norm_backward: return batch_norm_operands(op, header.extent);
        case OpKind::softmax_forward:
        case OpKind::softmax_backward: return softmax_operands(op, header.extent);
        case OpKind::sgd_update: return sgd_operands(header.extent);
        default: throw InputError(std::string(name_of(op)) + ": no operation of a layer");
    }
}

}  // namespace dfp16
