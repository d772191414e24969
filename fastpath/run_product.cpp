#include "fastpath/run_product.h"

#include <string>
#include <variant>

#include "fastpath/fma/fma_products.h"
#include "fastpath/products_check.h"
#include "sim/types/error.h"

namespace dfp16::fast {

namespace {

Operand operand(const Tensor& tensor) {
    return {tensor.mantissas(), tensor.exponent, tensor.largest_mantissa, tensor.non_negative};
}

/// Looks for the bound of a tensor's mantissas, unless it is known; -32768 is left to who rejects it by its place.
void find_bound(const Products& products, Tensor& tensor) {
    if (tensor.largest_mantissa >= 0) return;
    const std::int32_t largest = largest_magnitude(products, tensor.mantissas(), tensor.layout.elements());
    if (largest < 32768) tensor.largest_mantissa = largest;
}

/// `fma` is the same operation on FP32 operands.
template <typename Params, typename Function, typename FmaFunction>
void run(const Execution& execution, const Operation& operation, Tensor& a, Tensor& b, const Result& result,
         Function function, FmaFunction fma) {
    const auto& params = std::get<Params>(operation.params);
    const Products products = {execution.isa, &execution.pool};
    if (params.accumulation.policy == Policy::fma) return fma(products, params, a.fp32(), b.fp32(), result.fp32);
    if (params.accumulation.policy == Policy::exact) {
        find_bound(products, a);
        find_bound(products, b);
    }
    function(products, params, operand(a), operand(b), result);
}

void run_kind(const Execution& execution, const Operation& operation, Tensor& a, Tensor& b, const Result& result) {
    switch (operation.kind) {
        case OpKind::conv_forward:
            return run<ConvParams>(execution, operation, a, b, result, conv_forward, conv_forward_fma);
        case OpKind::conv_backward_data:
            return run<ConvParams>(execution, operation, a, b, result, conv_backward_data, conv_backward_data_fma);
        case OpKind::conv_weight_gradient:
            return run<ConvParams>(execution, operation, a, b, result, conv_weight_gradient, conv_weight_gradient_fma);
        case OpKind::fc_forward: return run<FcParams>(execution, operation, a, b, result, fc_forward, fc_forward_fma);
        case OpKind::fc_backward_data:
            return run<FcParams>(execution, operation, a, b, result, fc_backward_data, fc_backward_data_fma);
        case OpKind::fc_weight_gradient:
            return run<FcParams>(execution, operation, a, b, result, fc_weight_gradient, fc_weight_gradient_fma);
        default: return run<GemmParams>(execution, operation, a, b, result, gemm, gemm_fma);
    }
}

constexpr std::uint32_t kNotFound = 0xFFFFFFFFu;

}  // namespace

void run_product(const Execution& execution, const Operation& operation, Tensor& a, Tensor& b, Tensor& output) {
    const bool integers = output.type == ElementType::accumulator;
    std::uint32_t largest = kNotFound;
    output.exponent = integers ? a.exponent + b.exponent : 0;
    run_product(execution, operation, a, b, output,
                {integers ? nullptr : output.fp32(), integers ? output.integers() : nullptr, &largest, nullptr,
                 &output.wide_sums});
    if (largest != kNotFound && !integers) output.max_magnitude = largest;
}

void run_product(const Execution& execution, const Operation& operation, Tensor& a, Tensor& b, Tensor& output,
                 const Result& result) {
    try {
        run_kind(execution, operation, a, b, result);
    } catch (const InputError& error) {
        throw InputError(output.name + ": " + error.what());
    }
}

}  // namespace dfp16::fast
