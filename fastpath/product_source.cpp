#include "fastpath/product_source.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/elementwise/operations.h"
#include "fastpath/run_product.h"

namespace dfp16::fast {

namespace {

/// Whether products with the factor of y's statistics can be summed in passing.
bool may_gather(const Tensor& y) {
    return y.factor_is_there() && y.factor->largest_mantissa >= 0 && y.factor->largest_mantissa <= kMostGathered;
}

}  // namespace

ProductSource ProductSource::with_bias(const float* bias) const {
    ProductSource source = *this;
    source.bias_ = padded_channels(bias, sum_->layout.C);
    return source;
}

ProductSource ProductSource::with_relu() const {
    ProductSource source = *this;
    source.relu_ = true;
    return source;
}

// Of a NaN bias, which ReLU would make 0.
bool ProductSource::leaves_nan() const {
    return bias_ && !relu_ && std::any_of(bias_->begin(), bias_->end(), [](float b) { return std::isnan(b); });
}

void ProductSource::quantize(const Execution& execution, const Tensor& x, const RoundingParams& params,
                             const Tensor* mask, Tensor& y) const {
    if (quantize_at_once(execution, params, mask, y)) return;
    if (mask == nullptr) return quantize_by_fp32(execution, x, params, y);
    Tensor unmasked = y;
    unmasked.data = execution.workspace.take(y.bytes());
    quantize_by_fp32(execution, x, params, unmasked);
    relu_backward(execution, unmasked, *mask, y);
}

bool ProductSource::quantize_at_once(const Execution& execution, const RoundingParams& params, const Tensor* mask,
                                     Tensor& y) const {
    const auto& conv = std::get<ConvParams>(operation_->params);
    if (!stays_within_fp32(conv, a_->exponent + b_->exponent) || leaves_nan()) return false;
    QuantizedResult result;
    result.mantissas = y.mantissas();
    result.bias = bias_ ? bias_->data() : nullptr;
    result.relu = relu_;
    if (mask != nullptr) {
        result.mask = mask->mantissas();
        result.mask_bits = mask->positive.words();
    }
    result.headroom = params.headroom;
    result.forecast = &y.forecast;
    const bool products = may_gather(y);
    if (y.wants_statistics || products) result.statistics = &y.statistics;
    if (products) result.factor = y.factor->mantissas();
    run_product(execution, *operation_, *a_, *b_, *sum_, {nullptr, nullptr, nullptr, &result, nullptr});
    if (result.largest >= kBeyondFp32) return false;
    y.exponent = result.exponent;
    y.largest_mantissa = result.largest_mantissa;
    y.non_negative = relu_;
    return true;
}

void ProductSource::quantize_by_fp32(const Execution& execution, const Tensor& x, const RoundingParams& params,
                                     Tensor& y) const {
    Tensor sum = *sum_;
    sum.data = execution.workspace.take(sum.bytes());
    run_product(execution, *operation_, *a_, *b_, sum);
    TileSource source = bias_ ? TileSource::biased(sum, bias_->data()) : TileSource::copy_of(sum);
    fast::quantize(execution, relu_ ? source.with_relu() : source, x, params, y);
}

}  // namespace dfp16::fast
