// Weight gradients of few input channels, as of first layers, by byte tiles: ISA amx, policy exact. Rows of a tile are
// taps (r, c), which rows of input lie apart alike; each s meets them so many pixels on.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/chunk.h"
#include "fastpath/products.h"

namespace dfp16::fast {

/// Whether this way can sum a weight gradient; of so few channels it is the fastest for all but the smallest.
bool prefers_image_gradient(const Products& products, const ConvParams& conv);

class ImageGradient {
public:
    /// x, dy blocked.
    ImageGradient(const Products& products, const ConvParams& conv, const std::int16_t* x, const std::int16_t* dy);

    /// Writes dw. Whether every result is within FP32.
    bool run(double scale, float* dw);

private:
    /// A thread's memory: a packed chunk, and the sums of all its chunks.
    struct Work {
        std::uint8_t* rows = nullptr;     // [high, low][input row][channel][phase][phase_pixels_]
        std::uint8_t* vectors = nullptr;  // [block of k][output row][step][2][16][16][4]
        std::int64_t* sums = nullptr;     // [block of k][s][block of taps (r, c)][16][16]
        bool started = false;
    };

    void plan_memory();
    void sum_chunk(Work& work, const Chunk& chunk) const;
    void pack_input(const Chunk& chunk, std::uint8_t* to) const;
    void pack_gradient(const Chunk& chunk, std::uint8_t* to) const;
    void finish_block(std::int64_t block, const std::int64_t* sums);

    std::int64_t tap_rows() const { return conv_.R * conv_.C; }
    std::int64_t tap_blocks() const { return (tap_rows() + kByteTileRows - 1) / kByteTileRows; }
    std::int64_t blocks() const { return (conv_.K + kByteTileLanes - 1) / kByteTileLanes; }
    std::int64_t row_bytes() const { return phases_ * phase_pixels_; }
    /// Of a chunk: of its input, up to what the last tile reads.
    std::int64_t input_bytes(std::int64_t rows) const {
        return ((rows - 1) * conv_.stride[0] * conv_.C + tap_blocks() * kByteTileRows) * row_bytes();
    }
    std::int64_t chunk_bytes(std::int64_t rows) const {
        return 2 * input_bytes(rows) + blocks() * rows * row_steps_ * kByteVectors;
    }
    std::int64_t block_sums() const { return conv_.S * tap_blocks() * kByteTileRows * kByteTileLanes; }

    const Products& products_;
    ConvParams conv_;
    const std::int16_t* x_;
    const std::int16_t* dy_;
    const ByteOps& ops_;
    std::int64_t row_steps_ = 0;     ///< of 64 outputs, a row
    std::int64_t phases_ = 1;        ///< of columns
    std::int64_t phase_pixels_ = 0;  ///< that a row of outputs meets, and what packing overwrites behind
    std::vector<Chunk> chunks_;
    std::vector<Work> work_;
    std::int64_t low_ = 0;  ///< bytes from a high one to its low one
    double scale_ = 1.0;
    float* dw_ = nullptr;
    std::atomic<std::uint32_t> largest_{0};
};

}  // namespace dfp16::fast
