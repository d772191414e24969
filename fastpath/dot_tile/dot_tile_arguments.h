// What a dot tile works on. Plain types only: sources that are compiled for one ISA include this.
#pragma once

#include <cstdint>

namespace dfp16::fast {

/// Where a tile whose rows are neighbours leaves mantissas, as QuantizeArguments has them.
struct TileMantissas {
    std::int64_t rows_in_order[8] = {0, 2, 4, 6, 1, 3, 5, 7};  ///< of two rows whose halves alternate
    float scale = 1.0f;                                        ///< without a bias: times to_mantissa
    float to_mantissa = 1.0f;
    float zero = 0.0f;
    const float* bias = nullptr;
    const std::uint16_t* mask_bits = nullptr;
    std::int16_t* out = nullptr;
    std::int64_t part_stride = 0;  ///< bytes
    float* largest = nullptr;      ///< [16]: grows to the largest magnitudes; without a bias times to_mantissa
    std::int64_t stream = 0;       ///< not 0: every vector of `out` is aligned, and bypasses the caches
};

/// One call of a dot tile: for each chain, each of `tile` rows t and each lane,
///     sums[t][lane] += sum over the chain's pairs i of
///         vectors[i][lane][0] * row[t][i][0] + vectors[i][lane][1] * row[t][i][1]
/// where row[t][i] is the pair of INT16 at broadcast + t * stride + offsets[i]. Each chain is summed modulo 2^32 from
/// zero; the policy says what sums is and how a chain is added to it:
///     exact: INT64; chain: FP32, the chain converted to FP32 first; wrap: INT32, modulo 2^32;
///     exact, spilled at the end: each chain goes on from the one before, first at zero; what they come to is added to
///         INT64, or, short, to INT32; it is noted if a chain went on from outside [-2^30, 2^30), or if an INT32 sum
///         left its range;
///     saturate: INT32, and the chain goes on from sums, clamped after each pair.
struct DotTileArguments {
    const std::int16_t* broadcast = nullptr;
    const std::int16_t* vectors = nullptr;  ///< [pair][lanes][2]
    const std::int64_t* offsets = nullptr;  ///< bytes, one a pair
    const std::int64_t* chains = nullptr;   ///< pairs in each chain, at least 1
    std::int64_t chain_count = 0;
    /// Memory that is read soon, 64 bytes a pair: code that fetches brings it near in passing. Any address will do.
    const char* fetch = nullptr;
    void* sums = nullptr;                      ///< [tile][lanes]
    const TileMantissas* mantissas = nullptr;  ///< instead of sums, where code ends so; not if it notes an overflow
    // Fixed in generated code, read by compiled code.
    std::int64_t stride = 0;  ///< bytes from one row to the next
    std::int32_t tile = 0;
    std::int32_t lanes = 0;
    /// Where code that spills at the end leaves 0, or something else if sums are not to be trusted; INT64 ones are then
    /// as they were.
    std::uint32_t* overflow = nullptr;
    bool fresh = false;  ///< sums holds nothing yet: the first chain, of at least one, starts it
};

using DotTile = void (*)(const DotTileArguments*);

}  // namespace dfp16::fast
