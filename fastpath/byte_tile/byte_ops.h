// Sums of products of INT16 by tiles of bytes (AMX-INT8). With a = 2^8 ah + al, ah signed and al unsigned, and b alike,
//     sum a b = 2^16 sum ah bh + 2^8 (sum al bh + sum ah bl) + sum al bl.
// INT32 holds each of the four sums, and that of the middle ones, for up to kMostProducts products, so no chain needs a
// certificate. Plain types only: sources that are compiled for one ISA include this.
#pragma once

#include <cstdint>

namespace dfp16::fast {

inline constexpr int kByteTileRows = 16;
inline constexpr int kByteTileLanes = 16;
inline constexpr std::uint8_t kAllByteRows[kByteTileRows] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
/// Products that a step adds to every sum.
inline constexpr int kByteStep = 64;
inline constexpr std::int64_t kMostProducts = 32768;
/// Of a step's operand of lanes: high bytes, then low ones, each [16][lane][4].
inline constexpr std::int64_t kByteVectorHalf = 1024;
inline constexpr std::int64_t kByteVectors = 2 * kByteVectorHalf;

/// Pixels of 16, 32 or 64 channels, in blocks of 16, to bytes [count][pixel_bytes] at `high` and, `low` bytes behind,
/// low ones. Bytes that would make the last 64 whole are overwritten too.
struct SplitPixels {
    const std::int16_t* blocks[4] = {};  ///< null: zeros
    std::int64_t count = 0;
    std::int64_t step = 16;  ///< elements from one pixel to the next
    std::uint8_t* high = nullptr;
    std::int64_t low = 0;
    std::int64_t pixel_bytes = 64;  ///< as many as channels
};

/// At most so many channels make the pixels of an image.
inline constexpr std::int64_t kImageChannels = 4;

/// Pixels of kImageChannels channels of a block of 16, [H][W], from (row, col) on, zeros where there are none, to bytes
/// [count][step_h][step_w][kImageChannels], at most 64 a pixel, at `high` and, `low` bytes behind, low ones. Bytes that
/// would make the last 64 whole are overwritten too.
struct SplitImage {
    const std::int16_t* pixels = nullptr;
    std::int64_t H = 0, W = 0;
    std::int64_t row = 0, col = 0;
    std::int64_t step_h = 1, step_w = 1;
    std::int64_t count = 0;
    std::uint8_t* high = nullptr;
    std::int64_t low = 0;
};

/// Channels, at most kImageChannels, of pixels [count] of blocks of 16, so many elements apart, to bytes
/// [channel][count], channel_bytes apart, at `high` and, `low` bytes behind, low ones. Up to 15 bytes behind each row
/// become 0.
struct SplitChannels {
    const std::int16_t* pixels = nullptr;
    std::int64_t count = 0;
    std::int64_t step = 16;
    std::int64_t channels = 0;
    std::uint8_t* high = nullptr;
    std::int64_t low = 0;
    std::int64_t channel_bytes = 0;
};

/// sum[row][lane] over steps i and 64 products each, of 16 rows of 64 bytes, row_stride bytes apart, at rows +
/// offsets[i], or without offsets at rows + i * rows_step, and of 16 times 16 lanes of 4 bytes at vectors + i *
/// vectors_step; low bytes behind high ones.
struct ByteTileArguments {
    const std::uint8_t* rows = nullptr;
    std::int64_t row_stride = 64;
    const std::int64_t* offsets = nullptr;
    std::int64_t rows_step = 0;
    std::int64_t rows_low = 0;
    const std::uint8_t* vectors = nullptr;
    std::int64_t vectors_step = kByteVectors;
    std::int64_t vectors_low = kByteVectorHalf;
    std::int64_t steps = 0;
    bool goes_on = false;  ///< sums that are there grow by these
};

/// The four sums of a tile: ah bh, al bh, ah bl, al bl.
struct alignas(64) ByteProducts {
    std::int32_t sums[4][kByteTileRows][kByteTileLanes];
};

struct ByteOps {
    /// A thread's tiles are ready between the two.
    void (*start)();
    void (*end)();
    void (*sum_tile)(const ByteTileArguments&, ByteProducts&);
    /// sums [count][lanes] of the given rows. Whether INT32 is certain to hold each.
    bool (*combine_short)(const ByteProducts&, const std::uint8_t* rows, std::int64_t count, std::int32_t* sums);
    void (*combine)(const ByteProducts&, const std::uint8_t* rows, std::int64_t count, std::int64_t* sums);

    /// Adds all to sums [rows][lanes].
    void (*add_products)(const ByteProducts&, std::int64_t* sums);

    void (*split_pixels)(const SplitPixels&);
    void (*split_channels)(const SplitChannels&);
    void (*split_image)(const SplitImage&);
    /// pixels [64 * steps][16] to rows [steps][2][16][64] of bytes, high and low: a row for each channel.
    void (*split_rows)(const std::int16_t* pixels, std::int64_t steps, std::uint8_t* rows);
    /// pixels [4 * count][16] to lanes [count][16][4] at `high` and, of low bytes, `low` bytes behind.
    void (*split_lanes)(const std::int16_t* pixels, std::int64_t count, std::uint8_t* high, std::int64_t low);
    /// pairs [count][lanes][2], at most 8, to rows [lanes][4] of two pairs each at `high` and, kByteVectorHalf behind,
    /// of low bytes; zeros behind the last pair.
    void (*split_pairs)(const std::int16_t* pairs, std::int64_t count, std::uint8_t* high);
};

extern const ByteOps kByteOpsAmx;

}  // namespace dfp16::fast
