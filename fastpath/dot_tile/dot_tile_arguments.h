// What a dot tile works on. Plain types only: sources that are compiled for one ISA include this.
#pragma once

#include <cstdint>

namespace dfp16::fast {

/// Where tiles leave mantissas, as QuantizeArguments has them. Rows of all tiles of a call are neighbours.
struct TileMantissas {
    std::uint16_t low_words[32] = {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
                                   0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30};
    float to_integer = 0x1.8p23f;     ///< a small number added to it is rounded to the integer in the sum's low bits
    float scale = 1.0f;               ///< of sums, before a bias
    float result_to_mantissa = 1.0f;  ///< without a bias: times the scale
    const float* bias = nullptr;
    const std::uint16_t* mask_bits = nullptr;
    std::int16_t* out = nullptr;
    std::int64_t part_stride = 0;  ///< bytes
    float* largest = nullptr;      ///< [16]: grows to the largest magnitudes; without a bias, of sums
    std::int64_t stream = 0;       ///< not 0: every vector of `out` is aligned, and bypasses the caches
    std::int64_t tiles = 1;        ///< of a call, at least 1: tiles are `tile_stride` bytes of broadcast apart
    std::int64_t tile_stride = 0;
    std::int64_t* done = nullptr;  ///< becomes how many tiles left mantissas: the next one would note an overflow
};

/// Of chains in generated code: which rows of each run (DotTileShape::run) a piece leaves out. 0: none; n, up to
/// kMostEndRows: the first n; kMostEndRows + n: the last n.
using EndRows = std::int32_t;
inline constexpr EndRows kMostEndRows = 3;
/// How many, of each run.
constexpr int rows_left_out(EndRows ends) {
    return ends <= kMostEndRows ? ends : ends - kMostEndRows;
}
/// Where that is not 0 anywhere, pieces have fewer pairs than 2 to this power.
inline constexpr int kEndRowsShift = 28;
static_assert(2 * kMostEndRows < 1 << (32 - kEndRowsShift), "fits before what says that a chain goes on");

/// Of chains in generated code: a piece of a chain, behind which a gap of pairs is left out; the chain goes on with the
/// next piece, or ends. A number of pairs alone, below 2^32, is a piece of all rows that ends, without a gap.
constexpr std::int64_t chain_piece(std::int64_t pairs, std::int64_t gap, bool goes_on, EndRows ends = 0) {
    return pairs + (std::int64_t{ends} << kEndRowsShift) + (gap << 33) + (goes_on ? std::int64_t{1} << 32 : 0);
}

/// The farthest from zero that a sum of INT32 may be for a further chain to go on from it.
inline constexpr std::int32_t kWidestReach = 1 << 30;

/// One call of a dot tile: for each chain, each of `tile` rows t and each lane,
///     sums[t][lane] += sum over the chain's pairs i of
///         vectors[i][lane][0] * row[t][i][0] + vectors[i][lane][1] * row[t][i][1]
/// where row[t][i] is the pair of INT16 at broadcast + t * stride + offsets[i]. Each chain is summed modulo 2^32 from
/// zero; the policy says what sums is and how a chain is added to it:
///     exact: INT64; chain: FP32, the chain converted to FP32 first; wrap: INT32, modulo 2^32;
///     exact, spilled at the end: each chain goes on from the one before, first at zero; what they come to is added to
///         INT64, or, short, to INT32; it is noted if a chain went on from outside [-reach, reach), or if an INT32 sum
///         left its range;
///     saturate: INT32, and the chain goes on from sums, clamped after each pair.
struct DotTileArguments {
    const std::int16_t* broadcast = nullptr;
    const std::int16_t* vectors = nullptr;  ///< [pair][lanes][2]
    const std::int64_t* offsets = nullptr;  ///< bytes, one a pair
    /// Where vectors are pixels: bytes from those of the first 16 lanes to those of the others; `offsets` has two a
    /// pair then, the second one being that of its pixels.
    std::int64_t part_stride = 0;
    const std::int64_t* chains = nullptr;   ///< pairs in each chain, at least 1; or chain_piece()s
    std::int64_t chain_count = 0;           ///< not of pieces
    /// Memory that is read soon, 64 bytes a pair: code that fetches brings it near in passing. Any address will do.
    const char* fetch = nullptr;
    std::int32_t reach = kWidestReach;         ///< at most that
    void* sums = nullptr;                      ///< [tile][lanes]
    const TileMantissas* mantissas = nullptr;  ///< instead of sums, where code ends so
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
