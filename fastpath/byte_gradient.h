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
        Chunk chunk;
        std::uint8_t* rows = nullptr;     // [block of rows][step][2][16][64]
        std::uint8_t* vectors = nullptr;  // [plane][block of lanes][copy][2][four][16][4]
        std::int64_t* sums = nullptr;     // [group][block of lanes][block of rows][tap][16][16]
        bool started = false;
    };
    void run_together();
    void run_apart();
    void pack(const Work& work, std::int64_t job) const;
    std::int64_t pack_jobs() const { return rows_.blocks() + lanes_.planes() * lanes_.blocks(); }
    std::int64_t vector_bytes(const Chunk& chunk) const { return planes_.copies() * 2 * planes_.fours(chunk) * 64; }

    /// A group's block of lanes and block of rows.
    struct Block {
        std::int64_t group, lanes, rows;
    };
    std::int64_t block_count() const { return conv_.groups * lanes_.shape.group_blocks() * rows_.shape.group_blocks(); }
    /// Jobs that take one after the other share blocks of rows: calls run(block, index) for every block of a job.
    std::int64_t block_jobs() const { return conv_.groups * lanes_.shape.group_blocks() * row_ranges_; }
    template <typename Run>
    void for_each_block(std::int64_t job, const Run& run) const;
    std::int64_t block_sums() const { return taps() * kByteTileRows * kByteTileLanes; }
    void sum_block(const Work& work, const Block& block, bool fresh, std::int64_t* sums) const;
    const std::uint8_t* vectors_of_tap(const Work& work, std::int64_t lane_block, std::int64_t tap) const;
    void finish_block(const Block& block, const std::int64_t* sums);
    void transpose_block(const std::uint32_t* results, std::int64_t first_row, std::int64_t rows,
                         std::int64_t first_lane, std::int64_t lanes, std::uint32_t* out) const;
    std::int64_t taps() const { return conv_.R * conv_.S; }
    std::int64_t sums_bytes() const { return block_count() * block_sums() * 8; }

    const Products& products_;
    ConvParams conv_;
    const ByteOps& ops_;
    /// dy gives the rows of tiles, or of a 1x1 convolution x, where it has fewer channels: they take longer to pack.
    bool transposed_ = false;
    PlaneOperand rows_, lanes_;
    GradientPlanes planes_;
    bool apart_ = false;
    std::vector<Chunk> chunks_;
    std::int64_t row_ranges_ = 1;
    std::vector<Work> work_;
    double scale_ = 1.0;
    float* dw_ = nullptr;
    std::atomic<std::uint32_t> largest_{0};
};

}  // namespace dfp16::fast
