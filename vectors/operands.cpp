#include "vectors/operands.h"

#include <cstdint>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

// Large enough for any tensor, small enough that no size below overflows.
constexpr std::int64_t kLargestSize = std::int64_t{1} << 31;

void require(bool condition, const std::string& message) {
    if (!condition) throw InputError(message);
}

void require_size(const char* name, std::int64_t value, std::int64_t least = 1) {
    require(value >= least && value < kLargestSize,
            std::string(name) + " = " + std::to_string(value) + ", expected " + std::to_string(least) + " to 2^31 - 1");
}

Operand int16(const char* name, const char* axes, const Shape& shape) {
    return {name, axes, ElementType::mantissa, shape, true};
}
Operand int32(const char* name, const char* axes, const Shape& shape) {
    return {name, axes, ElementType::accumulator, shape, false};
}
Operand fp32(const char* name, const char* axes, const Shape& shape) {
    return {name, axes, ElementType::fp32, shape, false};
}
Operand scaled_int32(const char* name, const char* axes, const Shape& shape) {
    return {name, axes, ElementType::accumulator, shape, true};
}

/// The result of a sum of products.
Operand sum(const Accumulation& accumulation, const char* name, const char* axes, const Shape& shape) {
    require_size("chain", accumulation.chain);
    const bool integers = accumulation.policy == Policy::wrap || accumulation.policy == Policy::saturate;
    return integers ? scaled_int32(name, axes, shape) : fp32(name, axes, shape);
}

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

void check_rounding(const RoundingParams& params) {
    require(params.headroom >= 0 && params.headroom <= kHeadroomMax,
            "headroom = " + std::to_string(params.headroom) + ", expected 0 to " + std::to_string(kHeadroomMax));
    require(params.tensor < (1u << 24), "tensor = " + std::to_string(params.tensor) + ", expected below 2^24");
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
    return {{int16("a", "m,k", {p.M, p.K}), int16("b", "k,n", {p.K, p.N})}, {sum(p.accumulation, "c", "m,n", {p.M, p.N})}};
}

void check_window(const char* size_name, std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t pad,
                  const char* output_name, std::int64_t output) {
    require_size(size_name, size);
    require_size("kernel", window);
    require_size("stride", stride);
    require_size("pad", pad, 0);
    require(size + 2 * pad >= window, "kernel of " + std::to_string(window) + " does not fit " + size_name + " = " +
                                          std::to_string(size) + " with pad " + std::to_string(pad));
    const std::int64_t expected = output_size(size, window, stride, pad);
    require(output == expected,
            std::string(output_name) + " = " + std::to_string(output) + ", expected " + std::to_string(expected));
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
    const Shape x = {p.N, p.C, p.H, p.W};
    const Shape w = {p.K, p.C / p.groups, p.R, p.S};
    const Shape y = {p.N, p.K, p.P, p.Q};
    switch (op) {
        case OpKind::conv_forward:
            return {{int16("x", "n,c,h,w", x), int16("w", "k,c,r,s", w)}, {sum(p.accumulation, "y", "n,k,p,q", y)}};
        case OpKind::conv_backward_data:
            return {{int16("dy", "n,k,p,q", y), int16("w", "k,c,r,s", w)}, {sum(p.accumulation, "dx", "n,c,h,w", x)}};
        default:
            return {{int16("x", "n,c,h,w", x), int16("dy", "n,k,p,q", y)}, {sum(p.accumulation, "dw", "k,c,r,s", w)}};
    }
}

}  // namespace

bool is_instruction(OpKind op) { return op <= OpKind::vp4dpwssds; }

bool is_elementwise(OpKind op) { return op >= OpKind::quantize && op <= OpKind::down_convert; }

Operands operands_of(OpKind op, const OpParams& params, const Shape& extent) {
    if (is_instruction(op)) return instruction_operands(op, std::get<InstructionParams>(params), extent);
    if (is_elementwise(op)) return dfp_operands(op, params, extent);
    switch (op) {
        case OpKind::gemm: return gemm_operands(std::get<GemmParams>(params));
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient: return conv_operands(op, std::get<ConvParams>(params));
        default: throw InputError(std::string("operation '") + name_of(op) + "' is none that golden files hold");
    }
}

}  // namespace dfp16
