// A convolution that only a quantize reads, perhaps through bias and ReLU: it runs when that quantize runs, and leaves
// DFP-16 at once; its FP32 result is never written (fusion.h says when).
#pragma once

#include <optional>
#include <vector>

#include "fastpath/elementwise/execution.h"
#include "fastpath/elementwise/tile_source.h"
#include "fastpath/tensor.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

class ProductSource {
public:
    /// conv_forward or conv_backward_data of a and b. All must outlive the source; `sum` has no memory.
    ProductSource(const Operation& operation, Tensor& a, Tensor& b, Tensor& sum)
        : operation_(&operation), a_(&a), b_(&b), sum_(&sum) {}

    ProductSource with_bias(const float* bias) const;
    ProductSource with_relu() const;

    /// y = quantize(...) to nearest even; `x` is what y is made of, in messages. y.exponent is what its exponent is
    /// expected to be. With a mask, y is 0 where the mask is not above zero.
    void quantize(const Execution& execution, const Tensor& x, const RoundingParams& params, const Tensor* mask,
                  Tensor& y) const;

private:
    bool quantize_at_once(const Execution& execution, const RoundingParams& params, const Tensor* mask,
                          Tensor& y) const;
    bool leaves_nan() const;
    /// By way of FP32: what is beyond it, has its place in a message.
    void quantize_by_fp32(const Execution& execution, const Tensor& x, const RoundingParams& params, Tensor& y) const;

    const Operation* operation_;
    Tensor* a_;
    Tensor* b_;
    Tensor* sum_;
    std::optional<std::vector<float>> bias_;  // padded to whole blocks
    bool relu_ = false;
};

}  // namespace dfp16::fast
