#include "vectors/operands.h"

#include <cstdint>

#include "vectors/layer_operands.h"
#include "vectors/operand_helpers.h"

namespace dfp16 {

using namespace operand;

namespace {

Operands instruction_operands(OpKind op, const InstructionParams& params, const Shape& extent) {
    const bool four = op == OpKind::vp4dpwssd || op == OpKind::vp4dpwssds;
    require(params.width == 512 || (!four && (params.width == 128 || params.width == 256)),
            "width = " + std::to_string(params.width) + ", expected " + (four ? "512" : "128, 256 or 512"));
    const std::int64_t count = extent[0];
    const std::int64_t lanes = params.width / 32;
    Operands operands;
    operands.inputs = {int16("a", "vector,element", {count, lanes * (four ? 8 : 2)}),
                       int16("b", "vector,element", {count, four ? 8 : lanes * 2})};
    if (op != OpKind::vpmaddwd || params.masking == Masking::merge) {
        operands.inputs.push_back(int32("c", "vector,lane", {count, lanes}));
    }
    if (params.masking != Masking::none) operands.inputs.push_back(int32("k", "vector", {count}));
    operands.outputs = {int32("d", "vector,lane", {count, lanes})};
    return operands;
}

Operands dfp_operands(OpKind op, const OpParams& params, const Shape& shape) {
    if (const auto* rounding = std::get_if<RoundingParams>(&params)) check_rounding(*rounding);
    if (const auto* add = std::get_if<AddParams>(&params)) check_rounding(add->rounding);
    const char* axes = shape.rank() == 1 ? "i" : "";
    switch (op) {
        case OpKind::quantize: return {{fp32("x", axes, shape)}, {int16("y", axes, shape)}};
        case OpKind::dequantize: return {{int16("x", axes, shape)}, {fp32("y", axes, shape)}};
        case OpKind::down_convert: return {{scaled_int32("x", axes, shape)}, {int16("y", axes, shape)}};
        default: return {{int16("a", axes, shape), int16("b", axes, shape)}, {int16("y", axes, shape)}};
    }
}

Operands gemm_operands(const GemmParams& p) {
    require_size("M", p.M);
    require_size("N", p.N);
    require_size("K", p.K);
    return {{factor(p.accumulation, "a", "m,k", {p.M, p.K}), factor(p.accumulation, "b", "k,n", {p.K, p.N})},
            {sum(p.accumulation, "c", "m,n", {p.M, p.N})}};
}

void check_conv(const ConvParams& p) {
    require_size("N", p.N);
    require_size("C", p.C);
    require_size("K", p.K);
    require_size("groups", p.groups);
    require(p.C % p.groups == 0 && p.K % p.groups == 0, "groups = " + std::to_string(p.groups) + " do not divide C = " +
                                                            std::to_string(p.C) + " and K = " + std::to_string(p.K));
    check_window("H", p.H, p.R, p.stride[0], p.pad[0], "P", p.P);
    check_window("W", p.W, p.S, p.stride[1], p.pad[1], "Q", p.Q);
}

Operands conv_operands(OpKind op, const ConvParams& p) {
    check_conv(p);
    const Operand x = factor(p.accumulation, "x", "n,c,h,w", {p.N, p.C, p.H, p.W});
    const Operand w = factor(p.accumulation, "w", "k,c,r,s", {p.K, p.C / p.groups, p.R, p.S});
    const Operand dy = factor(p.accumulation, "dy", "n,k,p,q", {p.N, p.K, p.P, p.Q});
    switch (op) {
        case OpKind::conv_forward: return {{x, w}, {sum(p.accumulation, "y", dy.axes, dy.shape)}};
        case OpKind::conv_backward_data: return {{dy, w}, {sum(p.accumulation, "dx", x.axes, x.shape)}};
        default: return {{x, dy}, {sum(p.accumulation, "dw", w.axes, w.shape)}};
    }
}

Operands fc_operands(OpKind op, const FcParams& p, const Shape& shape) {
    require_size("N", p.N);
    require_size("C", p.C);
    require_size("K", p.K);
    require(
        shape.rank() >= 2 && shape[0] == p.N && shape.elements() == p.N * p.C,
        "shape = " + shape.text() + ", expected N = " + std::to_string(p.N) + " rows of C = " + std::to_string(p.C));
    const char* axes = shape.rank() == 4 ? "n,c,h,w" : shape.rank() == 2 ? "n,c" : "";
    const Operand x = factor(p.accumulation, "x", axes, shape);
    const Operand w = factor(p.accumulation, "w", "k,c", {p.K, p.C});
    const Operand dy = factor(p.accumulation, "dy", "n,k", {p.N, p.K});
    switch (op) {
        case OpKind::fc_forward: return {{x, w}, {sum(p.accumulation, "y", dy.axes, dy.shape)}};
        case OpKind::fc_backward_data: return {{dy, w}, {sum(p.accumulation, "dx", x.axes, x.shape)}};
        default: return {{x, dy}, {sum(p.accumulation, "dw", w.axes, w.shape)}};
    }
}

}  // namespace

bool is_instruction(OpKind op) {
    return op <= OpKind::vp4dpwssds;
}

bool has_shape(OpKind op) {
    switch (op) {
        case OpKind::gemm:
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient:
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return false;
        default: return !is_instruction(op);
    }
}

Operands operands_of(const CaseHeader& header) {
    const OpKind op = header.op;
    if (is_instruction(op)) return instruction_operands(op, std::get<InstructionParams>(header.params), header.extent);
    if (op >= OpKind::quantize && op <= OpKind::down_convert) return dfp_operands(op, header.params, header.extent);
    switch (op) {
        case OpKind::gemm: return gemm_operands(std::get<GemmParams>(header.params));
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient: return conv_operands(op, std::get<ConvParams>(header.params));
        case OpKind::fc_forward:
        case OpKind::fc_backward_data:
        case OpKind::fc_weight_gradient: return fc_operands(op, std::get<FcParams>(header.params), header.extent);
        default: return layer_operands(header);
    }
}

}  // namespace dfp16
