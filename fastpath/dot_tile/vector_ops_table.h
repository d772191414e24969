// The compiled loops of each ISA, as tables of functions. Plain types only: sources that are compiled for one ISA
// include this.
#pragma once

#include <cstdint>

#include "fastpath/block_sums.h"
#include "fastpath/dot_tile/dot_tile_arguments.h"

namespace dfp16::fast {

/// sums [rows][sums_stride] -> out [rows][out_stride], the first `count` of each row.
struct FinishArguments {
    const void* sums = nullptr;
    std::int64_t rows = 0;
    std::int64_t sums_stride = 0;
    std::int64_t count = 0;
    double scale = 1.0;  ///< a power of two
    void* out = nullptr;
    std::int64_t out_stride = 0;
    /// Results are not read soon: they may bypass the caches. The caller then issues a fence before others read them.
    bool stream = false;
};

/// sums [rows][sums_stride] -> mantissas and remainders [rows], out_stride apart, of [16], for each of the `parts`
/// blocks of 16 lanes, which are part_stride apart. With v = RN32(sum * scale), plus bias, ReLU: a mantissa is v *
/// to_mantissa rounded to nearest even, saturated to INT16; a remainder is the low byte of v * to_mantissa *
/// 2^kRemainderBits rounded down, its last bit set if that is inexact (rounding to odd). From both, the mantissas for
/// other exponents follow.
struct QuantizeArguments {
    const void* sums = nullptr;
    std::int64_t rows = 0;
    std::int64_t sums_stride = 0;
    std::int64_t parts = 0;
    double scale = 1.0;           ///< a power of two
    const float* bias = nullptr;  ///< one a lane, or null
    bool relu = false;
    float to_mantissa = 1.0f;  ///< a power of two
    /// Where it is not above zero, mantissa and remainder are 0; placed like `mantissas`; may be null.
    const std::int16_t* mask = nullptr;
    const std::uint16_t* mask_bits = nullptr;  ///< the same, a word for each 16; may be null; read only beside `mask`
    std::int16_t* mantissas = nullptr;
    std::uint8_t* remainders = nullptr;  ///< may be null
    std::int64_t out_stride = 0;
    std::int64_t part_stride = 0;
    bool stream = false;  ///< see FinishArguments
    /// One for each part, or null: mantissas add to it, of at most kMostGatheredRows, within kMostGathered.
    BlockSums* gathered = nullptr;
    const std::int16_t* factor = nullptr;  ///< of its products, placed like `mantissas`; null: squares and extremes
};

constexpr int kRemainderBits = 7;

/// Mantissas [parts][rows][16], part_stride apart, at most kMostGatheredRows, within kMostGathered, to the sums of each
/// part.
struct GatherArguments {
    const std::int16_t* mantissas = nullptr;
    const std::int16_t* factor = nullptr;  ///< see QuantizeArguments
    std::int64_t rows = 0;
    std::int64_t parts = 0;
    std::int64_t part_stride = 0;
    BlockSums* gathered = nullptr;
};

/// The largest magnitude of mantissas and factors, and the most rows, whose products INT32 holds: 28 of 2^26.
constexpr int kMostGathered = 8192;
constexpr std::int64_t kMostGatheredRows = 28;

/// Mantissas and remainders, `count` of them, to mantissas of 2^(shift - kRemainderBits) of the unit, shift 2 to 15,
/// within
/// +-limit.
struct RequantizeArguments {
    std::int16_t* mantissas = nullptr;
    const std::uint8_t* remainders = nullptr;  ///< null: none are needed, as shift is kRemainderBits
    std::int64_t count = 0;
    int shift = kRemainderBits;
    std::int32_t limit = 0;
};

/// packed: [pairs], pair_stride elements apart, of [16][2] -> norms: [units], norm_stride apart, of [16]: sums of |m|
/// over units of `unit` pairs (at most 2^15), the last one perhaps shorter. By sign, those of positive m, and
/// norm_stride / 2 behind, those of negative m. No m is -32768.
struct NormArguments {
    const std::int16_t* packed = nullptr;
    std::int64_t pairs = 0;
    std::int64_t pair_stride = 32;
    std::int64_t unit = 8;
    std::uint32_t* norms = nullptr;
    std::int64_t norm_stride = 16;
};

/// Elements of a row whose norm is taken together.
constexpr std::int64_t kRowNormUnit = 16;

/// rows [channels], row_stride elements apart, of `elements` -> norms: for each unit, the last one perhaps shorter, the
/// largest sum of |m| of any row; by sign, of positive m, or of negative ones. No m is -32768.
struct RowNormArguments {
    const std::int16_t* rows = nullptr;
    std::int64_t row_stride = 0;
    std::int64_t channels = 0;
    std::int64_t elements = 0;
    bool by_sign = false;
    std::uint32_t* norms = nullptr;
};

struct VectorOps {
    DotTile dot_tile_exact;
    DotTile dot_tile_chain;
    DotTile dot_tile_wrap;
    DotTile dot_tile_saturate;

    /// INT64 -> FP32: RN32(sum * scale); beyond FP32 infinity. All three give the bits of the largest magnitude.
    std::uint32_t (*finish_exact)(const FinishArguments&);
    /// The same from INT32.
    std::uint32_t (*finish_exact_short)(const FinishArguments&);
    /// FP32 -> FP32: RN32(sum * scale).
    std::uint32_t (*finish_chain)(const FinishArguments&);
    /// INT32 -> INT32, as it is; 0.
    std::uint32_t (*finish_integer)(const FinishArguments&);

    /// From INT64, INT32 and FP32 sums. All three give the bits of the largest |v|.
    std::uint32_t (*quantize_exact)(const QuantizeArguments&);
    std::uint32_t (*quantize_exact_short)(const QuantizeArguments&);
    std::uint32_t (*quantize_chain)(const QuantizeArguments&);
    void (*requantize)(const RequantizeArguments&);
    /// Null where sums in passing cost more than a pass of their own.
    void (*gather_tile)(const GatherArguments&);

    /// first += second, of INT64 or INT32 sums modulo 2^64 or 2^32. Whether none left that range.
    bool (*add_int64)(void* first, const void* second, std::int64_t count);
    bool (*add_int32)(void* first, const void* second, std::int64_t count);

    /// Largest |m|, as an integer that holds 32768 too.
    std::int32_t (*largest_magnitude)(const std::int16_t* mantissas, std::int64_t count);

    /// Both give the largest norm.
    std::uint32_t (*unit_norms)(const NormArguments&);
    std::uint32_t (*unit_norms_by_sign)(const NormArguments&);
    /// Null where no tile reads pixels.
    void (*row_norms)(const RowNormArguments&);
    /// If no first[i] + second[i] is above the limit, adds second to first; whether it did. `count` is a multiple
    /// of 16.
    bool (*add_within)(std::uint32_t* first, const std::uint32_t* second, std::int64_t count, std::uint32_t limit);

    /// rows [count] of 16, row_stride elements apart -> out: rows 2i and 2i + 1 as pairs [16][2] at out + i *
    /// out_stride; an odd last row is paired with zeros.
    void (*interleave_rows)(const std::int16_t* rows, std::int64_t row_stride, std::int64_t count, std::int16_t* out,
                            std::int64_t out_stride);
    /// first, second [count] -> out: [count][2].
    void (*interleave_two)(const std::int16_t* first, const std::int16_t* second, std::int64_t count,
                           std::int16_t* out);
    /// from [channels][taps] -> out: [taps], out_stride elements apart, of [16], zeros behind the channels, at most 16.
    void (*spread_taps)(const std::int16_t* from, std::int64_t channels, std::int64_t taps, std::int16_t* out,
                        std::int64_t out_stride);
    /// rows [16] of [pairs][2], row_stride elements apart, of which the first `used` exist and the others are zeros ->
    /// out: [pairs], out_stride elements apart, of [16][2].
    void (*transpose_pairs)(const std::int16_t* rows, std::int64_t row_stride, std::int64_t pairs, std::int64_t used,
                            std::int16_t* out, std::int64_t out_stride);
    /// `count` rows, at most 16, of which lanes first_lane to first_lane + lanes - 1, at most 16, become rows of out:
    /// out[lane * out_stride + row].
    void (*transpose_results)(const std::uint32_t* const* rows, std::int64_t count, std::int64_t first_lane,
                              std::int64_t lanes, std::uint32_t* out, std::int64_t out_stride);
    /// rows [count] of 16, row_stride elements apart, the first `channels` of 16 -> out[channel * out_stride + i].
    void (*transpose_rows)(const std::int16_t* rows, std::int64_t row_stride, std::int64_t count, std::int64_t channels,
                           std::int16_t* out, std::int64_t out_stride);
};

extern const VectorOps kVectorOpsPortable;
extern const VectorOps kVectorOpsAvx2;
extern const VectorOps kVectorOpsAvx512bw;

}  // namespace dfp16::fast
