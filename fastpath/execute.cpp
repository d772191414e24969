#include "fastpath/execute.h"

#include <array>
#include <utility>
#include <variant>

#include "fastpath/elementwise/operations.h"
#include "fastpath/fma/fma_products.h"
#include "fastpath/instructions/instructions.h"
#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "sim/types/error.h"

namespace dfp16::fast {

void Sources::give(const Execution& execution, const TileSource& source, Tensor& y) {
    if (y.data != nullptr) {
        materialize(execution, source, y);
    } else {
        kept_.insert_or_assign(&y, source);
    }
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

Operand operand(const Tensor& tensor) {
    return {tensor.mantissas(), tensor.exponent, tensor.largest_mantissa};
}

/// Looks for the bound of a tensor's mantissas, unless it is known; -32768 is left to who rejects it by its place.
void find_bound(const Products& products, Tensor& tensor) {
    if (tensor.largest_mantissa >= 0) return;
    const std::int32_t largest = largest_magnitude(products, tensor.mantissas(), tensor.layout.elements());
    if (largest < 32768) tensor.largest_mantissa = largest;
}

constexpr std::uint32_t kNotFound = 0xFFFFFFFFu;

/// `fma` is the same operation on FP32 operands.
template <typename Params, typename Function, typename FmaFunction>
void run_product(const Execution& execution, const Operation& operation, const Tensors& inputs, Tensor& output,
                 Function function, FmaFunction fma) {
    const auto& params = std::get<Params>(operation.params);
    const bool integers = output.type == ElementType::accumulator;
    const Products products = {execution.isa, &execution.pool};
    std::uint32_t largest = kNotFound;
    const Result result = {integers ? nullptr : output.fp32(), integers ? output.integers() : nullptr, &largest};
    output.exponent = integers ? inputs[0]->exponent + inputs[1]->exponent : 0;
    try {
        if (params.accumulation.policy == Policy::fma) {
            fma(products, params, inputs[0]->fp32(), inputs[1]->fp32(), output.fp32());
        } else {
            for (Tensor* input : inputs) {
                if (params.accumulation.policy == Policy::exact) find_bound(products, *input);
            }
            function(products, params, operand(*inputs[0]), operand(*inputs[1]), result);
        }
        if (largest != kNotFound && !integers) output.max_magnitude = largest;
    } catch (const InputError& error) {
        throw InputError(output.name + ": " + error.what());
    }
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

void run_products(const Execution& execution, const Operation& operation, const Tensors& in, Tensor& out) {
    switch (operation.kind) {
        case OpKind::gemm: return run_product<GemmParams>(execution, operation, in, out, gemm, gemm_fma);
        case OpKind::conv_forward:
            return run_product<ConvParams>(execution, operation, in, out, conv_forward, conv_forward_fma);
        case OpKind::conv_backward_data:
            return run_product<ConvParams>(execution, operation, in, out, conv_backward_data, conv_backward_data_fma);
        case OpKind::conv_weight_gradient:
            return run_product<ConvParams>(execution, operation, in, out, conv_weight_gradient,
                                           conv_weight_gradient_fma);
        case OpKind::fc_forward:
            return run_product<FcParams>(execution, operation, in, out, fc_forward, fc_forward_fma);
        case OpKind::fc_backward_data:
            return run_product<FcParams>(execution, operation, in, out, fc_backward_data, fc_backward_data_fma);
        case OpKind::fc_weight_gradient:
            return run_product<FcParams>(execution, operation, in, out, fc_weight_gradient, fc_weight_gradient_fma);
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
    sources.give(execution, sources.of(x).with_relu(), y);
}

void run_pool(const Execution& execution, const Operation& operation, const Tensors& in, Tensor& out) {
    const auto& params = std::get<PoolParams>(operation.params);
    switch (operation.kind) {
        case OpKind::max_pool_forward: return max_pool_forward(execution, *in[0], params, out);
        case OpKind::max_pool_backward: return max_pool_backward(execution, *in[0], *in[1], params, out);
        case OpKind::average_pool_forward: return average_pool_forward(execution, *in[0], params, out);
        default: return average_pool_backward(execution, *in[0], params, out);
    }
}

}  // namespace

void execute(const Execution& execution, const Operation& operation, const Tensors& in, const Tensors& out,
             Sources& sources) {
    const auto rounding = [&]() -> const RoundingParams& { return std::get<RoundingParams>(operation.params); };
    switch (operation.kind) {
        case OpKind::quantize: return quantize(execution, sources.of(*in[0]), *in[0], rounding(), *out[0]);
        case OpKind::dequantize: return dequantize(execution, *in[0], *out[0]);
        case OpKind::multiply: return multiply(execution, *in[0], *in[1], rounding(), *out[0]);
        case OpKind::add: return add(execution, *in[0], *in[1], std::get<AddParams>(operation.params), *out[0]);
        case OpKind::down_convert: return down_convert(execution, *in[0], rounding(), *out[0]);
        case OpKind::bias_forward: return sources.give(execution, TileSource::biased(*in[0], in[1]->fp32()), *out[0]);
        case OpKind::bias_gradient: return bias_gradient(execution, *in[0], *out[0]);
        case OpKind::relu_forward: return run_relu(execution, *in[0], *out[0], sources);
        case OpKind::relu_backward: return relu_backward(execution, *in[0], *in[1], *out[0]);
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return run_pool(execution, operation, in, *out[0]);
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
        default: return run_products(execution, operation, in, *out[0]);
    }
}

}  // namespace dfp16::fast
