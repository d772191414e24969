// The inner loops of the elementwise and reducing operations, compiled once for each instruction set and reached
// through this table. Nothing here includes the standard library's templates: an inline function compiled with AVX-512
// in one of the per-ISA sources must never be the copy that the linker keeps for all.
//
// "Flat" loops run over `count` elements in memory order, whatever the layout. "Pixel" loops run over pixels of 16
// channels (a plane of a blocked tensor, or a part of it), with arrays of 16 values, one a channel.
#pragma once

#include <cstdint>

#include "fastpath/block_sums.h"

namespace dfp16::fast {

constexpr int kLanes = 16;

/// round(v * 2^-shift) of contract section 3 on integers, spread out so that one loop serves every shift:
/// magnitude f = (((|v| & keep) + bias + ((|v| >> shift) & odd)) >> shift), fraction
/// t = ((|v| & fraction) << left) >> right, compared with the element's random word.
struct ShiftRounding {
    std::uint32_t keep = ~std::uint32_t{0};
    int shift = 0;
    std::uint32_t bias = 0;
    std::uint32_t odd = 0;
    std::uint32_t fraction = 0;
    int left = 0;
    int right = 0;
    /// Set if the same comes from ((v + bias + ((v >> shift) & odd)) >> shift) on signed v, without overflow: to
    /// nearest even, shift below 32.
    bool direct = true;
};

/// How FP32 becomes mantissas. `words` holds one random word for each element of a stochastic rounding.
enum class FloatRounding { nearest_even, toward_zero, stochastic };

/// One plane of a pooling: sizes in pixels, as in PoolParams.
struct PoolPlane {
    std::int64_t H, W, R, S, P, Q, stride_h, stride_w, pad_h, pad_w;
};

/// dx = fma(dy * dy_scale, a, fma(x * x_scale, b, c)).
struct BatchNormGradient {
    const std::int16_t* dy;
    const std::int16_t* x;
    float dy_scale;
    float x_scale;
    const float* a;
    const float* b;
    const float* c;
};

/// FP32 to mantissas, to nearest even: v * scale, a power of two, within +-limit.
struct ToMantissas {
    float scale;
    std::int32_t limit;
    std::uint16_t* positive = nullptr;  ///< a word for each pixel: which are above zero; null if nobody asks
    bool stream = false;                ///< mantissas bypass the caches, where they begin a line
};

/// y = (fixed + aligned * 2^-shift, not below zero with relu) rounded and clamped, where `mask`, if there is one, is
/// above zero; else 0. Both roundings are direct.
struct AddToMantissas {
    const std::int16_t* fixed;
    const std::int16_t* aligned;
    ShiftRounding alignment;
    bool relu;
    ShiftRounding rounding;
    std::int32_t limit;
    const std::int16_t* mask;
    std::int16_t* y;
    const std::uint16_t* mask_bits = nullptr;  ///< in place of mask, if there: a word for each 16 elements
    std::uint16_t* positive = nullptr;         ///< as in ToMantissas
    /// The largest magnitudes of fixed and aligned together do not pass kMostNarrow: INT16 holds every step, for shifts
    /// of at most 14.
    bool narrow = false;
    bool stream = false;  ///< as in ToMantissas, if narrow
};
constexpr std::int32_t kMostNarrow = 16383;

/// y = v rounded, directly, and clamped, masked as in AddToMantissas.
struct SumsToMantissas {
    const std::int32_t* v;
    ShiftRounding rounding;
    std::int32_t limit;
    const std::int16_t* mask;
    const std::uint16_t* mask_bits;
    std::int16_t* y;
};

/// LRN of one image (contract section 8).
struct LrnImage {
    std::int64_t channels;
    std::int64_t blocks;      ///< of 16 channels
    std::int64_t block_step;  ///< elements from a block to the next
    std::int64_t reach;       ///< channels of a window on either side
    float a, b, k;            ///< b = 1.5 * a
    float x_scale, dy_scale;
    double square_scale;  ///< x_scale squared
};

/// Philox4x32-10 with everything fixed but the number of the block.
struct RandomKey {
    std::uint32_t key[2];
    std::uint32_t step;
    std::uint32_t tag;
};

struct KernelTable {
    bool marks_positive;  ///< whether affine_to_mantissas and add_to_mantissas take bits and give them
    // Flat: magnitudes and tests.
    std::uint32_t (*max_magnitude_fp32)(const float* x, std::int64_t count);  ///< bits of max|x|, NaN the largest
    std::uint32_t (*max_magnitude_int32)(const std::int32_t* v, std::int64_t count);
    bool (*contains_int16_min)(const std::int16_t* m, std::int64_t count);
    // Flat: the DFP primitives.
    void (*quantize)(const float* x, std::int64_t count, float scale, std::int32_t limit, FloatRounding rounding,
                     const std::uint32_t* words, std::int16_t* y);
    void (*dequantize)(const std::int16_t* x, std::int64_t count, float scale, float* y);
    void (*multiply)(const std::int16_t* a, const std::int16_t* b, std::int64_t count, std::int32_t* v);
    void (*add)(const std::int16_t* fixed, const std::int16_t* aligned, std::int64_t count,
                const ShiftRounding& rounding, const std::uint32_t* words, bool relu, std::int32_t* v);
    void (*down_convert)(const std::int32_t* v, std::int64_t count, const ShiftRounding& rounding, std::int32_t limit,
                         const std::uint32_t* words, std::int16_t* y);
    // Both give the largest magnitude of the sums before rounding.
    std::uint32_t (*sums_to_mantissas)(const SumsToMantissas& sums, std::int64_t count);
    std::uint32_t (*add_to_mantissas)(const AddToMantissas& sums, std::int64_t count);
    void (*align)(const std::int16_t* x, std::int64_t count, const ShiftRounding& rounding, const std::uint32_t* words,
                  std::int16_t* y);
    /// A copy that bypasses the caches, if the ISA can and `to` begins a line.
    void (*copy_past_caches)(const std::int16_t* from, std::int64_t count, std::int16_t* to);
    // Flat: layers.
    void (*relu_int16)(const std::int16_t* x, std::int64_t count, std::int16_t* y);
    void (*relu_fp32)(const float* x, std::int64_t count, float* y);
    void (*relu_backward_int16)(const std::int16_t* dy, const std::int16_t* y, std::int64_t count, std::int16_t* dx);
    void (*relu_backward_int16_by_fp32)(const std::int16_t* dy, const float* y, std::int64_t count, std::int16_t* dx);
    void (*relu_backward_fp32)(const float* dy, const float* y, std::int64_t count, float* dx);
    void (*relu_backward_fp32_by_int16)(const float* dy, const std::int16_t* y, std::int64_t count, float* dx);
    void (*sgd_update)(const float* dw, std::int64_t count, float rate, float momentum, float decay, float* w,
                       float* v);
    void (*dropout)(const std::int16_t* x, std::int64_t count, float scale, float gain, std::uint32_t threshold,
                    const std::uint32_t* words, float* y);
    // Pixels.
    /// x: [channels, at most 16], channel_step apart, of [pixels] -> y: [pixels][16], zeros behind the channels.
    void (*interleave_channels)(const float* x, std::int64_t channel_step, std::int64_t channels, std::int64_t pixels,
                                float* y);
    /// The same to mantissas, see quantize, to nearest even.
    void (*quantize_channels)(const float* x, std::int64_t channel_step, std::int64_t channels, std::int64_t pixels,
                              float scale, std::int32_t limit, std::int16_t* y);
    void (*bias)(const float* x, std::int64_t pixels, const float* bias, bool relu, float* y);
    /// fma(x * x_scale, scale, shift)
    void (*affine)(const std::int16_t* x, float x_scale, std::int64_t pixels, const float* scale, const float* shift,
                   bool relu, float* y);
    void (*affine_to_mantissas)(const std::int16_t* x, float x_scale, std::int64_t pixels, const float* scale,
                                const float* shift, bool relu, const ToMantissas& to, std::int16_t* y);
    void (*channel_sums)(const std::int16_t* x, std::int64_t pixels, std::int64_t* sums);  ///< adds to sums
    void (*channel_sums_fp32)(const float* x, std::int64_t pixels, float* sums);
    // Add to sums: those of m and its squares, with extremes; those of m and its products.
    void (*block_sums)(const std::int16_t* m, std::int64_t pixels, BlockSums* sums);
    void (*block_products)(const std::int16_t* m, const std::int16_t* factor, std::int64_t pixels, BlockSums* sums);
    void (*batch_norm_gradient)(const BatchNormGradient& gradient, std::int64_t pixels, bool relu, float* dx);
    /// Gives the bits of the largest |dx|, NaN the largest.
    std::uint32_t (*batch_norm_gradient_to_mantissas)(const BatchNormGradient& gradient, std::int64_t pixels,
                                                      const ToMantissas& to, std::int16_t* dx);
    // One plane of 16 channels.
    void (*max_pool_forward)(const PoolPlane& plane, const std::int16_t* x, std::int16_t* y);
    /// Adds row p of dy; dx begins with the first row that its windows hold.
    void (*max_pool_backward)(const PoolPlane& plane, std::int64_t p, const std::int16_t* x, const std::int16_t* dy,
                              std::int32_t* dx);
    void (*average_pool_forward)(const PoolPlane& plane, const std::int16_t* x, float scale, float* y);
    void (*average_pool_backward)(const PoolPlane& plane, const std::int16_t* dy, float scale, float* dx);
    void (*average_pool_backward_ceil)(const PoolPlane& plane, const std::int16_t* dy, float scale, float* dx);
    // Pixels of one image, all channels. `squares` and `terms` hold a value for each channel of `blocks` and `reach`
    // zeros on either side. Both give the bits of the largest s.
    std::uint32_t (*lrn_forward)(const LrnImage& image, const std::int16_t* x, std::int64_t pixels, double* squares,
                                 float* y);
    std::uint32_t (*lrn_backward)(const LrnImage& image, const std::int16_t* x, const std::int16_t* dy,
                                  std::int64_t pixels, double* squares, float* terms, float* dx);
    // One row.
    float (*softmax_row)(const float* z, std::int64_t count, std::int64_t label, float* p);  ///< gives the row's loss
    void (*softmax_row_backward)(const float* p, std::int64_t count, std::int64_t label, float batch, float weight,
                                 float* dz);
    // Random words 4 * first .. 4 * (first + blocks) - 1.
    void (*random_words)(const RandomKey& key, std::uint64_t first, std::int64_t blocks, std::uint32_t* words);
};

extern const KernelTable kKernelsPortable;
extern const KernelTable kKernelsAvx2;
extern const KernelTable kKernelsAvx512bw;

}  // namespace dfp16::fast
