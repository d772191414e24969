// The operations of the contract that are not sums of products, on tensors that are already in the layouts that
// layout_choice.h asks for. All throw InputError where the contract has an error; the message starts with a tensor's
// name.
#pragma once

#include <array>
#include <vector>

#include "fastpath/elementwise/execution.h"
#include "fastpath/elementwise/mantissa_tiles.h"
#include "fastpath/elementwise/tile_source.h"
#include "fastpath/tensor.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

// Contract section 6. Layouts of all tensors of one operation are equal.

/// Throws the InputError of an FP32 tensor that cannot be quantized, as `largest` are the bits of its largest
/// magnitude, if it is so. `x` is what the source stands for, in messages.
void require_finite(const Execution& execution, std::uint32_t largest, const TileSource& source, const Tensor& x);
void quantize(const Execution& execution, const TileSource& source, const Tensor& x, const RoundingParams& params,
              Tensor& y);
void dequantize(const Execution& execution, const Tensor& x, Tensor& y);
void multiply(const Execution& execution, const Tensor& a, const Tensor& b, const RoundingParams& params, Tensor& y);
/// With a mask, y is 0 where the mask is not above zero. `sum` is what the sum before the mask is called, in messages.
void add(const Execution& execution, const MantissaTiles& a, const MantissaTiles& b, const AddParams& params,
         const Tensor& sum, const Tensor* mask, Tensor& y);
void down_convert(const Execution& execution, const Tensor& x, const RoundingParams& params, Tensor& y);

// Contract section 8. ReLU takes equal layouts; everything else is blocked, and what has one element a channel is
// plain. bias and ReLU of FP32 are TileSources.

/// dy is INT16 or FP32.
void bias_gradient(const Execution& execution, const Tensor& dy, Tensor& db);
void relu_forward_int16(const Execution& execution, const Tensor& x, Tensor& y);
void relu_backward(const Execution& execution, const Tensor& dy, const Tensor& y, Tensor& dx);
void max_pool_forward(const Execution& execution, const Tensor& x, const PoolParams& params, Tensor& y);
/// With a mask, dz is 0 where the mask is not above zero. `dx` is what the gradient before the mask is called, in
/// messages.
void max_pool_backward(const Execution& execution, const Tensor& x, const Tensor& dy, const PoolParams& params,
                       const Tensor& dx, const Tensor* mask, Tensor& dz);
void average_pool_forward(const Execution& execution, const Tensor& x, const PoolParams& params, Tensor& y);
void average_pool_backward(const Execution& execution, const Tensor& dy, const PoolParams& params, Tensor& dx);

void lrn_forward(const Execution& execution, const Tensor& x, const LrnParams& params, Tensor& y);
void lrn_backward(const Execution& execution, const Tensor& x, const Tensor& dy, const LrnParams& params, Tensor& dx);
/// Forward and, on dy, backward. Equal layouts of any kind.
void dropout(const Execution& execution, const Tensor& x, const DropoutParams& params, Tensor& y);
void concat_forward(const Execution& execution, const std::vector<Tensor*>& parts, const ConcatParams& params,
                    Tensor& y);
void concat_backward(const Execution& execution, const Tensor& dy, const std::vector<Tensor*>& parts);

// Contract section 9. Everything but the last step, which is the TileSource that they give.

/// inputs: x, gamma, beta, running_mean, running_var. outputs: y (for its name only), mean, invstd, running_mean,
/// running_var.
TileSource batch_norm_forward(const Execution& execution, const std::array<Tensor*, 5>& inputs,
                              const BatchNormParams& params, const std::array<Tensor*, 5>& outputs);
TileSource batch_norm_inference(const std::array<Tensor*, 5>& inputs, const BatchNormParams& params, const Tensor& y);
/// inputs: x, dy, gamma, mean, invstd. outputs: dx (for its name only), dgamma, dbeta.
TileSource batch_norm_backward(const Execution& execution, const std::array<Tensor*, 5>& inputs,
                               const std::array<Tensor*, 3>& outputs);

// Contract section 11. z, p and dz have rows, in any layout; labels and loss are plain.

void softmax_forward(const Execution& execution, const Tensor& z, const Tensor& labels, Tensor& p, Tensor& loss);
void softmax_backward(const Execution& execution, const Tensor& p, const Tensor& labels, const LossParams& params,
                      Tensor& dz);

// Contract section 12. All plain.

void sgd_update(const Execution& execution, const std::array<Tensor*, 3>& inputs, const SgdParams& params, Tensor& w,
                Tensor& v);

}  // namespace dfp16::fast
