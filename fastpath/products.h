// Sums of products (contract sections 5 and 7): convolution, fully connected, gemm; every policy; every ISA.
// Layouts: an activation (N, C, H, W) is "blocked": [N][ceil(C/16)][H][W][16], channels beyond C being zero. FC
// activations are blocked with H = W = 1. Weights are plain (K, C/groups, R, S); matrices plain row-major.
#pragma once

#include <cstdint>

#include "fastpath/channel_statistics.h"
#include "fastpath/exponent_forecast.h"
#include "fastpath/isa.h"
#include "reference/interface/operation.h"
#include "reference/interface/thread_pool.h"

namespace dfp16::fast {

/// INT16 mantissas with their exponent.
struct Operand {
    const std::int16_t* mantissas = nullptr;
    int exponent = 0;
    /// No magnitude is larger than this, at most 32767; -1: not known.
    std::int32_t largest = -1;
    /// No element is negative.
    bool non_negative = false;
};

/// Where a convolution leaves its results as DFP-16: quantize(ReLU(result + bias)), rounded to nearest even. The
/// exponent follows from the largest result, so mantissas are written for an expected exponent and corrected if it is
/// another.
struct QuantizedResult {
    std::int16_t* mantissas = nullptr;
    const float* bias = nullptr;  ///< one a channel of the blocked result, or null
    bool relu = false;
    /// Blocked like the result, or null: where it is not above zero, the mantissa is 0. Exponent and largest magnitude
    /// are those of the result without it.
    const std::int16_t* mask = nullptr;
    const std::uint16_t* mask_bits = nullptr;  ///< the same, a bit each, if there
    int headroom = 2;
    ExponentForecast* forecast = nullptr;
    /// Where sums of the mantissas go that are found in passing; null if nobody asks.
    ChannelStatistics* statistics = nullptr;
    /// Blocked like the result, magnitudes up to kMostGathered: what mantissas are multiplied with in those sums; null:
    /// with themselves.
    const std::int16_t* factor = nullptr;
    // After:
    int exponent = 0;
    std::uint32_t largest = 0;          ///< bits of the largest magnitude; kBeyondFp32 or more: nothing else holds
    std::int32_t largest_mantissa = 0;  ///< a bound
};

/// Where results go: `fp32` for the policies exact and chain, `int32` for wrap and saturate; the other is null.
struct Result {
    float* fp32 = nullptr;
    std::int32_t* int32 = nullptr;
    /// Where convolutions leave the bits of the largest magnitude of FP32 results; may be null.
    std::uint32_t* largest = nullptr;
    /// Of conv_forward and conv_backward_data, instead of `fp32`. may_quantize() says whether.
    QuantizedResult* quantized = nullptr;
    /// Of conv_weight_gradient, may be null: whether INT32 has been found too narrow for sums, or for chains that go on
    /// from each other. Only speed depends on it.
    bool* wide_sums = nullptr;
};

struct Products {
    Isa isa = Isa::portable;
    ThreadPool* pool = nullptr;
    /// Of ISA amx: byte tiles wherever they are possible, not only where they are faster; for tests.
    bool always_byte_tiles = false;
};

// Each writes every element of its result (channels beyond the last as zero) and throws InputError under `exact` for an
// operand of -32768, and for a result beyond FP32.

/// Whether conv_forward or conv_backward_data can leave its result as DFP-16: policy exact or chain, no groups of part
/// blocks. And whether no result can be beyond FP32, which a quantized result would not show; `exponent` is that of the
/// products.
bool may_quantize(const ConvParams& conv, bool forward);
bool stays_within_fp32(const ConvParams& conv, int exponent);

/// x blocked (N,C,H,W), w plain -> y blocked (N,K,P,Q).
void conv_forward(const Products& products, const ConvParams& conv, Operand x, Operand w, Result y);
/// dy blocked (N,K,P,Q), w plain -> dx blocked (N,C,H,W).
void conv_backward_data(const Products& products, const ConvParams& conv, Operand dy, Operand w, Result dx);
/// x, dy blocked -> dw plain (K,C/groups,R,S).
void conv_weight_gradient(const Products& products, const ConvParams& conv, Operand x, Operand dy, Result dw);

/// x blocked (N,C,1,1), w plain (K,C) -> y blocked (N,K,1,1).
void fc_forward(const Products& products, const FcParams& fc, Operand x, Operand w, Result y);
void fc_backward_data(const Products& products, const FcParams& fc, Operand dy, Operand w, Result dx);
/// -> dw plain (K,C).
void fc_weight_gradient(const Products& products, const FcParams& fc, Operand x, Operand dy, Result dw);

/// a (M,K), b (K,N), c (M,N), all plain.
void gemm(const Products& products, const GemmParams& gemm, Operand a, Operand b, Result c);

}  // namespace dfp16::fast
