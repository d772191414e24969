#include "vectors/layer_operands.h"

#include "sim/types/error.h"
#include "vectors/operand_helpers.h"

namespace dfp16 {

using namespace operand;

namespace {

const char* activation_axes(const Shape& shape) {
    return shape.rank() == 4 ? "n,c,h,w" : shape.rank() == 2 ? "n,c" : "";
}

/// Dimension 1 of an activation.
Shape channels_of(const Shape& shape) {
    require(shape.rank() >= 2, "shape = " + shape.text() + ", expected (N, channels, ...)");
    return {shape[1]};
}

Operands bias_operands(OpKind op, const Shape& shape) {
    const Shape channels = channels_of(shape);
    const char* axes = activation_axes(shape);
    if (op == OpKind::bias_gradient) return {{int16("dy", axes, shape)}, {fp32("db", "k", channels)}};
    return {{fp32("x", axes, shape), fp32("b", "k", channels)}, {fp32("y", axes, shape)}};
}

Operands relu_operands(OpKind op, const Shape& shape, ElementType element) {
    const char* axes = activation_axes(shape);
    require(element == ElementType::mantissa || element == ElementType::fp32,
            std::string("type = ") + name_of(element) + ", expected int16 or fp32");
    const auto tensor = [&](const char* name) {
        return element == ElementType::fp32 ? fp32(name, axes, shape) : int16(name, axes, shape);
    };
    if (op == OpKind::relu_forward) return {{tensor("x")}, {tensor("y")}};
    return {{tensor("dy"), tensor("y")}, {tensor("dx")}};
}

Operands pool_operands(OpKind op, const PoolParams& p) {
    require_size("N", p.N);
    require_size("C", p.C);
    check_window("H", p.H, p.R, p.stride[0], p.pad[0], "P", p.P);
    check_window("W", p.W, p.S, p.stride[1], p.pad[1], "Q", p.Q);
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
        {fp32("x", axes, shape), channel("gamma"), channel("beta"), channel("running_mean"), channel("running_var")},
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
        case OpKind::bias_gradient: return bias_operands(op, header.extent);
        case OpKind::relu_forward:
        case OpKind::relu_backward: return relu_operands(op, header.extent, header.element);
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return pool_operands(op, std::get<PoolParams>(header.params));
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
