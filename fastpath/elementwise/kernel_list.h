// Every kernel, in the order of KernelTable; for the per-ISA sources.
#pragma once

#include "fastpath/elementwise/add_kernel.h"
#include "fastpath/elementwise/align_kernel.h"
#include "fastpath/elementwise/average_pool_kernel.h"
#include "fastpath/elementwise/batch_norm_kernel.h"
#include "fastpath/elementwise/bias_kernel.h"
#include "fastpath/elementwise/dequantize_kernel.h"
#include "fastpath/elementwise/down_convert_kernel.h"
#include "fastpath/elementwise/dropout_kernel.h"
#include "fastpath/elementwise/interleave_kernel.h"
#include "fastpath/elementwise/lrn_kernel.h"
#include "fastpath/elementwise/max_pool_kernel.h"
#include "fastpath/elementwise/multiply_kernel.h"
#include "fastpath/elementwise/quantize_kernel.h"
#include "fastpath/elementwise/random_words_kernel.h"
#include "fastpath/elementwise/relu_kernel.h"
#include "fastpath/elementwise/sgd_update_kernel.h"
#include "fastpath/elementwise/softmax_kernel.h"

namespace dfp16::fast {
namespace {

constexpr KernelTable kKernels = {
    .marks_positive = false,
    .max_magnitude_fp32 = max_magnitude_fp32,
    .max_magnitude_int32 = max_magnitude_int32,
    .contains_int16_min = contains_int16_min,
    .quantize = quantize_flat,
    .dequantize = dequantize_flat,
    .multiply = multiply_flat,
    .add = add_flat,
    .down_convert = down_convert_flat,
    .sums_to_mantissas = sums_to_mantissas_flat,
    .add_to_mantissas = add_to_mantissas_flat,
    .align = align_flat,
    .copy_past_caches = copy_flat,
    .relu_int16 = relu_flat<std::int16_t>,
    .relu_fp32 = relu_flat<float>,
    .relu_backward_int16 = relu_backward_flat<std::int16_t, std::int16_t>,
    .relu_backward_int16_by_fp32 = relu_backward_flat<std::int16_t, float>,
    .relu_backward_fp32 = relu_backward_flat<float, float>,
    .relu_backward_fp32_by_int16 = relu_backward_flat<float, std::int16_t>,
    .sgd_update = sgd_update_flat,
    .dropout = dropout_flat,
    .interleave_channels = interleave_channels_pixels,
    .quantize_channels = quantize_channels_pixels,
    .bias = bias_pixels,
    .affine = affine_pixels,
    .affine_to_mantissas = affine_to_mantissas_pixels,
    .channel_sums = channel_sums_pixels,
    .channel_sums_fp32 = channel_sums_fp32_pixels,
    .block_sums = block_sums_pixels,
    .block_products = block_products_pixels,
    .batch_norm_gradient = batch_norm_gradient_pixels,
    .batch_norm_gradient_to_mantissas = batch_norm_gradient_to_mantissas_pixels,
    .max_pool_forward = max_pool_forward_plane,
    .max_pool_backward = max_pool_backward_row,
    .average_pool_forward = average_pool_forward_plane,
    .average_pool_backward = average_pool_backward_plane,
    .average_pool_backward_ceil = average_pool_backward_ceil_plane,
    .lrn_forward = lrn_forward_pixels,
    .lrn_backward = lrn_backward_pixels,
    .softmax_row = softmax_row_forward,
    .softmax_row_backward = softmax_row_gradient,
    .random_words = random_words_blocks,
};

}  // namespace
}  // namespace dfp16::fast
