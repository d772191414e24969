#include "fastpath/execute.h"

#include <array>
#include <utility>
#include <variant>

#include "fastpath/elementwise/operations.h"
#include "fastpath/instructions/instructions.h"
#include "fastpath/run_product.h"
#include "sim/types/error.h"

namespace dfp16::fast {

void Sources::give(const Execution& execution, const TileSource& source, Tensor& y) {
    if (y.data != nullptr) {
        materialize(execution, source, y);
    } else {
        kept_.insert_or_assign(&y, source);
    }
}

void Sources::keep(const ProductSource& product, const Tensor& y) {
    products_.insert_or_assign(&y, product);
}

const ProductSource* Sources::product(const Tensor& x) const {
    const auto found = products_.find(&x);
    return found == products_.end() ? nullptr : &found->second;
}

void Sources::keep(const MantissaTiles& tiles, const Tensor& y) {
    tiles_.insert_or_assign(&y, tiles);
}

void Sources::keep(const Unmasked& source, const Tensor& y) {
    unmasked_.insert_or_assign(&y, source);
}

MantissaTiles Sources::mantissas(const Tensor& x) const {
    return x.data != nullptr ? MantissaTiles::of(x) : tiles_.at(&x);
}

TileSource Sources::of(const Tensor& x) const {
    return x.data != nullptr ? TileSource::copy_of(x) : kept_.at(&x);
}

namespace {

using Tensors = std::vector<Tensor*>;

template <std::size_t kCount>
std::array<Tensor*, kCount> first(const Tensors& tensors) {
    std::array<Tensor*, kCount> result;
    for (std::size_t i = 0; i < kCount; ++i) result[i] = tensors[i];
    return result;
}

/// Inputs are a, b, [c], [k], the last being the mask.
void run_instruction_on(const Execution& execution, const Operation& operation, const Tensors& inputs, Tensor& output) {
    const auto& params = std::get<InstructionParams>(operation.params);
    if (!instruction_supported(execution.isa, operation.kind, params)) {
        throw InputError(output.name + ": " + dfp16::name_of(operation.kind) + " of " + std::to_string(params.width) +
                         " bits is not available on " + name_of(execution.isa));
    }
    const bool masked = params.masking != Masking::none;
    const std::size_t sources = inputs.size() - (masked ? 1 : 0);
    const std::int32_t* c = sources > 2 ? inputs[2]->integers() : nullptr;
    const std::int32_t* mask = masked ? inputs.back()->integers() : nullptr;
    run_instruction(execution.isa, operation.kind, params, output.shape[0], inputs[0]->mantissas(),
                    inputs[1]->mantissas(), c, mask, output.integers());
    output.exponent = 0;
}

void run_bias(const Execution& execution, const Tensor& x, const Tensor& bias, Tensor& y, Sources& sources) {
    if (const ProductSource* product = sources.product(x)) return sources.keep(product->with_bias(bias.fp32()), y);
    sources.give(execution, TileSource::biased(x, bias.fp32()), y);
}

void run_quantize(const Execution& execution, const Tensor& x, const RoundingParams& params, Tensor& y,
                  Sources& sources) {
    if (const ProductSource* product = sources.product(x)) {
        if (y.data == nullptr) return sources.keep(QuantizedProduct{*product, &x, params}, y);
        return product->quantize(execution, x, params, nullptr, y);
    }
    const bool from_plain = x.data != nullptr && y.data != nullptr && x.layout != y.layout;
    const TileSource source = from_plain ? TileSource::blocked(x, y.layout) : sources.of(x);
    if (y.data != nullptr) return quantize(execution, source, x, params, y);
    require_finite(execution, source.known_max().value(), source, x);
    sources.keep(MantissaTiles::quantized(source, params.headroom, y), y);
}

void run_add(const Execution& execution, const Tensor& a, const Tensor& b, const AddParams& params, Tensor& y,
             Sources& sources) {
    const MantissaTiles a_tiles = sources.mantissas(a);
    const MantissaTiles b_tiles = sources.mantissas(b);
    if (y.data == nullptr) return sources.keep(PendingSum{a_tiles, b_tiles, params}, y);
    add(execution, a_tiles, b_tiles, params, y, nullptr, y);
}

void run_relu_backward(const Execution& execution, const Tensor& dy, const Tensor& y, Tensor& dx,
                       const Sources& sources) {
    if (dy.data != nullptr) return relu_backward(execution, dy, y, dx);
    const Unmasked& unmasked = sources.unmasked(dy);
    if (const auto* quantized = std::get_if<QuantizedProduct>(&unmasked)) {
        return quantized->product.quantize(execution, *quantized->x, quantized->params, &y, dx);
    }
    if (const auto* sum = std::get_if<PendingSum>(&unmasked)) {
        return add(execution, sum->a, sum->b, sum->params, dy, &y, dx);
    }
    const auto& pool = std::get<PendingPool>(unmasked);
    max_pool_backward(execution, *pool.x, *pool.dy, pool.params, dy, &y, dx);
}

/// Instructions are left: everything else has a case of its own.
void run_products(const Execution& execution, const Operation& operation, const Tensors& in, Tensor& out,
                  Sources& sources) {
    switch (operation.kind) {
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
            if (out.data == nullptr) return sources.keep({operation, *in[0], *in[1], out}, out);
            [[fallthrough]];
        case OpKind::gemm:
        case OpKind::conv_weight_gradient:
        case OpKind::fc_forward:
        case OpKind::fc_backward_data:
        case OpKind::fc_weight_gradient: return run_product(execution, operation, *in[0], *in[1], out);
        default: return run_instruction_on(execution, operation, in, out);
    }
}

void run_batch_norm(const Execution& execution, const Operation& operation, const Tensors& in, const Tensors& out,
                    Sources& sources) {
    const auto& params = std::get<BatchNormParams>(operation.params);
    switch (operation.kind) {
        case OpKind::batch_norm_forward:
            return sources.give(execution, batch_norm_forward(execution, first<5>(in), params, first<5>(out)), *out[0]);
        case OpKind::batch_norm_inference:
            return sources.give(execution, batch_norm_inference(first<5>(in), params, *out[0]), *out[0]);
        default: return sources.give(execution, batch_norm_backward(execution, first<5>(in), first<3>(out)), *out[0]);
    }
}

void run_relu(const Execution& execution, const Tensor& x, Tensor& y, Sources& sources) {
    if (x.type == ElementType::mantissa) return relu_forward_int16(execution, x, y);
    if (const ProductSource* product = sources.product(x)) return sources.keep(product->with_relu(), y);
    sources.give(execution, sources.of(x).with_relu(), y);
}

void run_pool(const Execution& execution, const Operation& operation, const Tensors& in, Tensor& out,
              Sources& sources) {
    const auto& params = std::get<PoolParams>(operation.params);
    if (out.data == nullptr) return sources.keep(PendingPool{in[0], in[1], params}, out);
    switch (operation.kind) {
        case OpKind::max_pool_forward: return max_pool_forward(execution, *in[0], params, out);
        case OpKind::max_pool_backward: return max_pool_backward(execution, *in[0], *in[1], params, out, nullptr, out);
        case OpKind::average_pool_forward: return average_pool_forward(execution, *in[0], params, out);
        default: return average_pool_backward(execution, *in[0], params, out);
    }
}

}  // namespace

void execute(const Execution& execution, const Operation& operation, const Tensors& in, const Tensors& out,
             Sources& sources) {
    const auto rounding = [&]() -> const RoundingParams& { return std::get<RoundingParams>(operation.params); };
    switch (operation.kind) {
        case OpKind::quantize: return run_quantize(execution, *in[0], rounding(), *out[0], sources);
        case OpKind::dequantize: return dequantize(execution, *in[0], *out[0]);
        case OpKind::multiply: return multiply(execution, *in[0], *in[1], rounding(), *out[0]);
        case OpKind::add:
            return run_add(execution, *in[0], *in[1], std::get<AddParams>(operation.params), *out[0], sources);
        case OpKind::down_convert: return down_convert(execution, *in[0], rounding(), *out[0]);
        case OpKind::bias_forward: return run_bias(execution, *in[0], *in[1], *out[0], sources);
        case OpKind::bias_gradient: return bias_gradient(execution, *in[0], *out[0]);
        case OpKind::relu_forward: return run_relu(execution, *in[0], *out[0], sources);
        case OpKind::relu_backward: return run_relu_backward(execution, *in[0], *in[1], *out[0], sources);
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return run_pool(execution, operation, in, *out[0], sources);
        case OpKind::lrn_forward: return lrn_forward(execution, *in[0], std::get<LrnParams>(operation.params), *out[0]);
        case OpKind::lrn_backward:
            return lrn_backward(execution, *in[0], *in[1], std::get<LrnParams>(operation.params), *out[0]);
        case OpKind::dropout_forward:
        case OpKind::dropout_backward:
            return dropout(execution, *in[0], std::get<DropoutParams>(operation.params), *out[0]);
        case OpKind::concat_forward:
            return concat_forward(execution, in, std::get<ConcatParams>(operation.params), *out[0]);
        case OpKind::concat_backward: return concat_backward(execution, *in[0], out);
        case OpKind::batch_norm_forward:
        case OpKind::batch_norm_inference:
        case OpKind::batch_norm_backward: return run_batch_norm(execution, operation, in, out, sources);
        case OpKind::softmax_forward: return softmax_forward(execution, *in[0], *in[1], *out[0], *out[1]);
        case OpKind::softmax_backward:
            return softmax_backward(execution, *in[0], *in[1], std::get<LossParams>(operation.params), *out[0]);
        case OpKind::sgd_update:
            return sgd_update(execution, first<3>(in), std::get<SgdParams>(operation.params), *out[0], *out[1]);
        default: return run_products(execution, operation, in, *out[0], sources);
    }
}

}  // namespace dfp16::fast
