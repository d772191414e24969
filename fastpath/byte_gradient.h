// Weight gradients by byte tiles: ISA amx, policy exact.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "fastpath/byte_tile/gradient_planes.h"
#include "fastpath/products.h"

namespace dfp16::fast {

/// Whether byte tiles can sum this weight gradient, and are the faster way.
bool prefers_byte_tiles(const Products& products, const ConvParams& conv);

class ByteGradient {
public:
    /// x, dy blocked, their groups aligned to blocks.
    ByteGradient(const Products& products, const ConvParams& conv, const std::int16_t* x, const std::int16_t* dy);

    /// Writes dw. Whether every result is within FP32.
    bool run(double scale, float* dw);

private:
    void plan_operands(const std::int16_t* x, const std::int16_t* dy);
    void plan_chunks();
    void plan_memory();
    /// One thread's share of memory, or everybody's: a packed chunk and the sums of all chunks.
    struct Work {
        PlaneChunk chunk;
        std::uint8_t* rows = nullptr;     // [plane][block of rows][16][row_bytes], high, then low bytes
        std::uint8_t* vectors = nullptr;  // [block of lanes][step][kByteVectors]
        std::int64_t* sums = nullptr;     // [group][block of lanes][block of rows][tap][16][16]
        bool started = false;
    };
    void run_together();
    void run_apart();
    void pack(const Work& work, std::int64_t job) const;
    std::int64_t pack_jobs() const { return rows_.planes() * rows_.blocks() + lanes_.blocks(); }

    /// A group's block of lanes and block of rows.
    struct Block {
        std::int64_t group, lanes, rows;
    };
    std::int64_t block_jobs() const { return conv_.groups * lanes_.shape.group_blocks() * rows_.shape.group_blocks(); }
    Block block_of(std::int64_t job) const;
    std::int64_t block_sums() const { return taps() * kByteTileRows * kByteTileLanes; }
    void sum_block(const Work& work, const Block& block, bool fresh, std::int64_t* sums) const;
    void finish_block(const Block& block, const std::int64_t* sums);
    std::int64_t low(const PlaneChunk& chunk) const {
        return rows_.planes() * rows_.blocks() * kByteTileRows * planes_.row_bytes(chunk);
    }
    std::int64_t taps() const { return conv_.R * conv_.S; }
    std::int64_t sums_bytes() const { return block_jobs() * block_sums() * 8; }

    const Products& products_;
    ConvParams conv_;
    const ByteOps& ops_;
    /// Of a 1x1 convolution either operand may give the rows of tiles: dy where it has fewer channels.
    bool transposed_ = false;
    PlaneOperand rows_, lanes_;
    GradientPlanes planes_;
    bool apart_ = false;
    std::vector<PlaneChunk> chunks_;
    std::vector<Work> work_;
    double scale_ = 1.0;
    float* dw_ = nullptr;
    std::atomic<std::uint32_t> largest_{0};
};

}  // namespace dfp16::fast
