#include "fastpath/fma/fma_matrix.h"

#include <algorithm>
#include <atomic>

#include "fastpath/fma/fma_kernels.h"
#include "fastpath/fma/fma_results.h"
#include "fastpath/packing/kept_memory.h"

namespace dfp16::fast {

namespace {

// A piece of work: what its columns take, packed, stays in a second-level cache, and so do its sums.
constexpr std::int64_t kMostBlocks = 8;  // of 16 columns
constexpr std::int64_t kMostRows = 128;
constexpr std::int64_t kDepth = 256;  // packed at a time

struct Piece {
    std::int64_t first_row, rows;
    std::int64_t first_block, blocks;
};

/// Columns as [block][d][16], zeros beyond the last.
void pack_columns(const FmaKernels& kernels, const FmaMatrix& matrix, const Piece& piece, std::int64_t first_depth,
                  std::int64_t depth, float* packed) {
    for (std::int64_t block = 0; block < piece.blocks; ++block) {
        const std::int64_t column = (piece.first_block + block) * kFmaLanes;
        const std::int64_t used = std::min<std::int64_t>(kFmaLanes, matrix.column_count - column);
        const float* from = matrix.columns + column * matrix.column_stride + first_depth * matrix.depth_stride;
        float* to = packed + block * depth * kFmaLanes;
        if (matrix.depth_stride == 1 && used == kFmaLanes) {
            kernels.transpose(from, matrix.column_stride, depth, to);
            continue;
        }
        for (std::int64_t d = 0; d < depth; ++d) {
            for (std::int64_t lane = 0; lane < kFmaLanes; ++lane) {
                to[d * kFmaLanes + lane] =
                    lane < used ? from[lane * matrix.column_stride + d * matrix.depth_stride] : 0.0f;
            }
        }
    }
}

/// Adds `depth` products, from `first_depth` on, to sums [block][row][16].
void accumulate(const FmaKernels& kernels, const FmaMatrix& matrix, const Piece& piece, std::int64_t first_depth,
                std::int64_t depth, const float* packed, float* sums) {
    const FmaTap tap{first_depth, 0, depth};
    const float* rows[kLargestFmaTile];
    for (std::int64_t block = 0; block < piece.blocks; ++block) {
        FmaRows arguments{rows, packed + block * depth * kFmaLanes, &tap, 1, 0, nullptr};
        for (std::int64_t row = 0; row < piece.rows; row += arguments.tile) {
            arguments.tile = next_fma_tile(piece.rows - row, kernels.largest_tile);
            for (int t = 0; t < arguments.tile; ++t) {
                rows[t] = matrix.rows + (piece.first_row + row + t) * matrix.row_stride;
            }
            arguments.sums = sums + (block * piece.rows + row) * kFmaLanes;
            kernels.rows(arguments);
        }
    }
}

void store(const FmaMatrix& matrix, const Piece& piece, const float* sums, float* result) {
    for (std::int64_t row = 0; row < piece.rows; ++row) {
        for (std::int64_t block = 0; block < piece.blocks; ++block) {
            const std::int64_t column = (piece.first_block + block) * kFmaLanes;
            const std::int64_t used = std::min<std::int64_t>(kFmaLanes, matrix.column_count - column);
            const float* from = sums + (block * piece.rows + row) * kFmaLanes;
            float* to = result + (piece.first_row + row) * matrix.result_stride + column;
            if (matrix.result_padded) {
                store_lanes(from, used, to);
            } else {
                std::copy_n(from, used, to);
            }
        }
    }
}

}  // namespace

bool run_fma_matrix(const Products& products, const FmaMatrix& matrix, float* result) {
    const FmaKernels& kernels = fma_kernels(products.isa);
    const std::int64_t blocks = (matrix.column_count + kFmaLanes - 1) / kFmaLanes;
    const std::int64_t row_ranges = (matrix.row_count + kMostRows - 1) / kMostRows;
    const std::int64_t wanted = std::int64_t{4} * products.pool->threads();
    const std::int64_t widest = std::clamp<std::int64_t>(blocks * row_ranges / wanted, 1, kMostBlocks);
    const std::int64_t block_ranges = (blocks + widest - 1) / widest;
    std::atomic<bool> beyond{false};
    products.pool->parallel_for(block_ranges * row_ranges, [&](std::int64_t job, int) {
        const std::int64_t first_row = job % row_ranges * kMostRows;
        const std::int64_t first_block = job / row_ranges * widest;
        const Piece piece{first_row, std::min(kMostRows, matrix.row_count - first_row), first_block,
                          std::min(widest, blocks - first_block)};
        auto* packed = kept<float>(Kept::vectors, kMostBlocks * kDepth * kFmaLanes);
        auto* sums = kept<float>(Kept::sums, kMostBlocks * kMostRows * kFmaLanes);
        const std::int64_t rows = piece.blocks * piece.rows;
        std::fill_n(sums, rows * kFmaLanes, 0.0f);
        for (std::int64_t first = 0; first < matrix.depth; first += kDepth) {
            const std::int64_t depth = std::min(kDepth, matrix.depth - first);
            pack_columns(kernels, matrix, piece, first, depth, packed);
            accumulate(kernels, matrix, piece, first, depth, packed, sums);
        }
        if (!all_finite(products.isa, sums, rows)) beyond = true;
        store(matrix, piece, sums, result);
    });
    return !beyond;
}

}  // namespace dfp16::fast
