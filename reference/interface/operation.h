// The contract's operations as data: kind, parameters, tensors in, tensors out (contract sections 6 to 13).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/types/exponent.h"
#include "sim/types/masking.h"
#include "sim/types/policy.h"
#include "sim/types/rounding.h"

namespace dfp16 {

/// Inputs and outputs are listed in the order in which Operation holds them. int16 stands for DFP-16 mantissas with an
/// exponent; in an FP32 graph (the Eigen twin) those tensors are fp32. Under policy `fma` the operands of a sum of
/// products are fp32, in any graph; so are dy and dx of what comes before or after such a layer: bias_gradient and
/// relu_backward take dy of either type.
enum class OpKind {
    // Instructions: a, b int16 (count, lanes*2); c int32 (count, lanes); k int32 (count): mask, absent if unmasked.
    vpmaddwd,    ///< a, b, [c: what merge masking keeps], [k] -> d int32 (count, lanes)
    vpdpwssd,    ///< a, b, c, [k] -> d
    vpdpwssds,   ///< a, b, c, [k] -> d
    vp4dpwssd,   ///< a (count, 4*lanes*2), b (count, 8), c, [k] -> d; width 512 only
    vp4dpwssds,  ///< the same, saturating after each step
    // DFP primitives.
    quantize,      ///< x fp32 -> y int16
    dequantize,    ///< x int16 -> y fp32
    multiply,      ///< a, b int16 -> y int16
    add,           ///< a, b int16 -> y int16
    down_convert,  ///< x int32 with exponent -> y int16
    // Sums of products: output fp32 (exact, chain; fma, of fp32 operands) or int32 (wrap, saturate).
    gemm,                  ///< a (M,K), b (K,N) -> c (M,N)
    conv_forward,          ///< x (N,C,H,W), w (K,C/groups,R,S) -> y (N,K,P,Q)
    conv_backward_data,    ///< dy (N,K,P,Q), w -> dx (N,C,H,W)
    conv_weight_gradient,  ///< x, dy -> dw
    fc_forward,            ///< x (N,...) seen as (N,C), w (K,C) -> y (N,K)
    fc_backward_data,      ///< dy (N,K), w -> dx, shaped as x
    fc_weight_gradient,    ///< x, dy -> dw (K,C)
    // Layers around them.
    bias_forward,           ///< x fp32 (N,K,...), b fp32 (K) -> y fp32
    bias_gradient,          ///< dy int16 (N,K,...) -> db fp32 (K)
    relu_forward,           ///< x (fp32 or int16) -> y, same type
    relu_backward,          ///< dy, y -> dx
    max_pool_forward,       ///< x int16 (N,C,H,W) -> y int16 (N,C,P,Q)
    max_pool_backward,      ///< x, dy -> dx int16
    average_pool_forward,   ///< x int16 -> y fp32 (N,C,P,Q)
    average_pool_backward,  ///< dy int16 -> dx fp32 (N,C,H,W)
    lrn_forward,            ///< x int16 (N,C,H,W) -> y fp32
    lrn_backward,           ///< x, dy int16 -> dx fp32
    dropout_forward,        ///< x int16 -> y fp32
    dropout_backward,       ///< dy int16 -> dx fp32
    concat_forward,         ///< x0, x1, ... int16 (N,Ci,H,W) -> y int16 (N,sum of Ci,H,W)
    concat_backward,        ///< dy int16 -> dx0, dx1, ... int16
    batch_norm_forward,     ///< x int16, gamma, beta, running_mean, running_var fp32 (C)
                            ///< -> y fp32, mean, invstd fp32 (C), running_mean, running_var (in place)
    batch_norm_inference,   ///< x int16, gamma, beta, running_mean, running_var -> y fp32
    batch_norm_backward,    ///< x int16, dy int16, gamma, mean, invstd -> dx fp32, dgamma, dbeta
    softmax_forward,        ///< z fp32 (N,K), labels (N) -> p fp32 (N,K), loss fp32 (1)
    softmax_backward,       ///< p, labels -> dz fp32 (N,K), times the loss's weight
    sgd_update,             ///< w, v, dw fp32 -> w, v (in place)
};

/// The name that files and messages use: "conv_forward".
const char* name_of(OpKind kind);
/// Throws InputError for an unknown name.
OpKind op_kind_of(const std::string& name);

struct NoParams {
    friend bool operator==(const NoParams&, const NoParams&) = default;
};

struct InstructionParams {
    int width = 512;  ///< vector bits: 128, 256 or 512
    Masking masking = Masking::none;
    friend bool operator==(const InstructionParams&, const InstructionParams&) = default;
};

/// How results become DFP-16. `tensor` is the 24-bit tensor id of the random stream of stochastic rounding.
struct RoundingParams {
    int headroom = kHeadroomDefault;
    Rounding rounding = Rounding::nearest_even;
    std::uint32_t tensor = 0;
    friend bool operator==(const RoundingParams&, const RoundingParams&) = default;
};

struct AddParams {
    RoundingParams rounding{};
    bool relu = false;  ///< negative sums become zero before the down-conversion
    friend bool operator==(const AddParams&, const AddParams&) = default;
};

struct GemmParams {
    std::int64_t M = 0, N = 0, K = 0;
    Accumulation accumulation{};
    friend bool operator==(const GemmParams&, const GemmParams&) = default;
};

struct ConvParams {
    std::int64_t N = 0, C = 0, H = 0, W = 0, K = 0, R = 0, S = 0, P = 0, Q = 0;
    std::array<std::int64_t, 2> stride{1, 1};  ///< h, w
    std::array<std::int64_t, 2> pad{0, 0};     ///< h, w; the same at both ends
    std::int64_t groups = 1;
    Accumulation accumulation{};
    friend bool operator==(const ConvParams&, const ConvParams&) = default;
};

struct FcParams {
    std::int64_t N = 0, C = 0, K = 0;
    Accumulation accumulation{};
    friend bool operator==(const FcParams&, const FcParams&) = default;
};

/// How the output size of a pooling window comes from the input's (contract section 8): PyTorch's default, or Caffe's.
enum class SizeRounding { floor, ceil };

/// `rounding` counts for max_pool_backward.
struct PoolParams {
    std::int64_t N = 0, C = 0, H = 0, W = 0, R = 0, S = 0, P = 0, Q = 0;
    std::array<std::int64_t, 2> stride{1, 1};
    std::array<std::int64_t, 2> pad{0, 0};
    RoundingParams rounding{};
    SizeRounding size = SizeRounding::floor;
    friend bool operator==(const PoolParams&, const PoolParams&) = default;
};

struct BatchNormParams {
    float epsilon = 1e-5f;
    float momentum = 0.1f;  ///< weight of the new value in the running statistics
    friend bool operator==(const BatchNormParams&, const BatchNormParams&) = default;
};

/// `rounding` counts for concat_forward (where its headroom plays no part).
struct ConcatParams {
    std::vector<std::int64_t> channels{};  ///< of the parts, in their order
    RoundingParams rounding{};
    friend bool operator==(const ConcatParams&, const ConcatParams&) = default;
};

/// Local response normalization across channels; its beta is 0.75.
struct LrnParams {
    std::int64_t size = 5;  ///< channels in the window, odd
    float alpha = 1e-4f;
    float k = 1.0f;
    friend bool operator==(const LrnParams&, const LrnParams&) = default;
};

/// `tensor` is the random stream's tensor id, the same forward and backward.
struct DropoutParams {
    float rate = 0.5f;  ///< probability of a zero, in [0, 1)
    std::uint32_t tensor = 0;
    friend bool operator==(const DropoutParams&, const DropoutParams&) = default;
};

/// Of softmax_backward.
struct LossParams {
    float weight = 1.0f;  ///< of this loss in the network's
    friend bool operator==(const LossParams&, const LossParams&) = default;
};

struct SgdParams {
    float momentum = 0.9f;
    float weight_decay = 0.0f;
    friend bool operator==(const SgdParams&, const SgdParams&) = default;
};

using OpParams =
    std::variant<NoParams, InstructionParams, RoundingParams, AddParams, GemmParams, ConvParams, FcParams, PoolParams,
                 BatchNormParams, LrnParams, DropoutParams, ConcatParams, LossParams, SgdParams>;

/// floor((size + 2 * pad - window) / stride) + 1: the output size of a convolution or pooling window.
constexpr std::int64_t output_size(std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t pad) {
    return (size + 2 * pad - window) / stride + 1;
}

/// The same for pooling, with either rounding (contract section 8). `ceil` also takes windows that do not fit the
/// padded input; the last one starts before the end of input and front padding.
constexpr std::int64_t pooled_size(std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t pad,
                                   SizeRounding rounding) {
    if (rounding == SizeRounding::floor) return output_size(size, window, stride, pad);
    const std::int64_t rest = size + 2 * pad - window;
    const std::int64_t outputs = (rest > 0 ? (rest + stride - 1) / stride : 0) + 1;
    return (outputs - 1) * stride >= size + pad ? outputs - 1 : outputs;
}

}  // namespace dfp16
