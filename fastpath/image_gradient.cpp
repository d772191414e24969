#include "fastpath/image_gradient.h"

#include <algorithm>

#include "fastpath/atomic_max.h"
#include "fastpath/byte_tile/lane_packer.h"
#include "fastpath/byte_tile/own_sums.h"
#include "fastpath/byte_tile/plane_row.h"
#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/even_piece.h"
#include "fastpath/packing/kept_memory.h"

namespace dfp16::fast {

namespace {

/// What packing may overwrite behind a row of bytes.
constexpr std::int64_t kOverrun = 16;

std::int64_t steps_of_row(const ConvParams& conv) {
    return (conv.Q + kByteStep - 1) / kByteStep;
}

}  // namespace

bool prefers_image_gradient(const Products& products, const ConvParams& conv) {
    const std::int64_t tap_blocks = (conv.R * conv.C + kByteTileRows - 1) / kByteTileRows;
    const std::int64_t k_blocks = (conv.K + kByteTileLanes - 1) / kByteTileLanes;
    return products.isa >= Isa::amx && conv.accumulation.policy == Policy::exact && conv.groups == 1 &&
           conv.C <= kImageChannels && steps_of_row(conv) * kByteStep <= kMostProducts &&
           conv.S * tap_blocks * k_blocks * kByteTileRows * kByteTileLanes * 8 <= kOwnSums;
}

ImageGradient::ImageGradient(const Products& products, const ConvParams& conv, const std::int16_t* x,
                             const std::int16_t* dy)
    : products_(products), conv_(conv), x_(x), dy_(dy), ops_(kByteOpsAmx), row_steps_(steps_of_row(conv)) {
    phases_ = std::min(conv_.stride[1], conv_.S);
    // Rows of whole cache lines; of an odd number of them, which lie in different sets, if that can be.
    phase_pixels_ = row_steps_ * kByteStep + (conv_.S - 1) / conv_.stride[1] + kOverrun;
    while (row_bytes() % 128 != 64 && phases_ % 2 == 1) ++phase_pixels_;
    while (row_bytes() % 64 != 0) ++phase_pixels_;
    Chunk chunk{.rows = 1};
    const std::int64_t of_row = chunk_bytes(2) - chunk_bytes(1);
    chunk.rows = std::clamp<std::int64_t>((kNearBytes - chunk_bytes(1)) / of_row + 1, 1, conv_.P);
    chunk.rows = std::min(chunk.rows, kMostProducts / (row_steps_ * kByteStep));
    chunk.rows = even_piece(conv_.P, chunk.rows);
    chunks_ = chunks_of(conv_, chunk);
    plan_memory();
}

void ImageGradient::plan_memory() {
    const std::int64_t threads = products_.pool->threads();
    const std::int64_t rows = chunks_.front().rows;
    low_ = input_bytes(rows);
    const std::int64_t vectors = blocks() * rows * row_steps_ * kByteVectors;
    const std::int64_t sums = blocks() * block_sums();
    const KeptParts<std::uint8_t> all_rows(Kept::operand, threads, 2 * low_);
    const KeptParts<std::uint8_t> all_vectors(Kept::vectors, threads, vectors);
    const KeptParts<std::int64_t> all_sums(Kept::sums, threads, sums);
    for (std::int64_t i = 0; i < threads; ++i) work_.push_back({all_rows[i], all_vectors[i], all_sums[i]});
}

// Every thread sums chunks of its own; in the end all sums are added up.
bool ImageGradient::run(double scale, float* dw) {
    scale_ = scale;
    dw_ = dw;
    products_.pool->parallel_for(static_cast<std::int64_t>(chunks_.size()), [&](std::int64_t chunk, int thread) {
        ops_.start();
        sum_chunk(work_[static_cast<std::size_t>(thread)], chunks_[static_cast<std::size_t>(chunk)]);
        ops_.end();
    });
    std::erase_if(work_, [](const Work& work) { return !work.started; });
    products_.pool->parallel_for(blocks(), [&](std::int64_t block, int) {
        finish_block(block, add_up(vector_ops(products_.isa), work_, block * block_sums(), block_sums()));
    });
    return largest_ < kBeyondFp32;
}

void ImageGradient::sum_chunk(Work& work, const Chunk& chunk) const {
    pack_input(chunk, work.rows);
    pack_gradient(chunk, work.vectors);
    auto* offsets = kept<std::int64_t>(Kept::taps, chunk.rows * row_steps_);
    for (std::int64_t i = 0; i < chunk.rows * row_steps_; ++i) {
        offsets[i] = i / row_steps_ * conv_.stride[0] * conv_.C * row_bytes() + i % row_steps_ * kByteStep;
    }
    ByteTileArguments arguments;
    arguments.row_stride = row_bytes();
    arguments.offsets = offsets;
    arguments.rows_low = low_;
    arguments.steps = chunk.rows * row_steps_;
    ByteProducts products;
    std::int64_t* sums = work.sums;
    for (std::int64_t block = 0; block < blocks(); ++block) {
        arguments.vectors = work.vectors + block * arguments.steps * kByteVectors;
        for (std::int64_t s = 0; s < conv_.S; ++s) {
            for (std::int64_t taps = 0; taps < tap_blocks(); ++taps, sums += kByteTileRows * kByteTileLanes) {
                arguments.rows = work.rows + taps * kByteTileRows * row_bytes() + s % conv_.stride[1] * phase_pixels_ +
                                 s / conv_.stride[1];
                ops_.sum_tile(arguments, products);
                take_products(ops_, products, !work.started, sums);
            }
        }
    }
    work.started = true;
}

// What lies outside of the input is zero. Rows behind the last that a tap meets stay as they are: their sums are
// dropped.
void ImageGradient::pack_input(const Chunk& chunk, std::uint8_t* to) const {
    const std::int64_t rows = (chunk.rows - 1) * conv_.stride[0] + conv_.R;
    const std::int64_t top = chunk.first_row * conv_.stride[0] - conv_.pad[0];
    for (std::int64_t row = top; row < top + rows; ++row, to += conv_.C * row_bytes()) {
        std::fill_n(to, conv_.C * row_bytes(), std::uint8_t{0});
        std::fill_n(to + low_, conv_.C * row_bytes(), std::uint8_t{0});
        if (row < 0 || row >= conv_.H) continue;
        for (std::int64_t phase = 0; phase < phases_; ++phase) {
            const std::int64_t left = conv_.pad[1] - phase;
            const PlaneRow inside(conv_.W, conv_.stride[1], left, phase_pixels_ - kOverrun);
            const std::int64_t first = inside.first * conv_.stride[1] - left;
            const std::int16_t* pixels = x_ + ((chunk.first_image * conv_.H + row) * conv_.W + first) * 16;
            ops_.split_channels({pixels, inside.end - inside.first, conv_.stride[1] * 16, conv_.C,
                                 to + phase * phase_pixels_ + inside.first, low_, row_bytes()});
        }
    }
}

void ImageGradient::pack_gradient(const Chunk& chunk, std::uint8_t* to) const {
    for (std::int64_t block = 0; block < blocks(); ++block) {
        const std::int64_t image_block = chunk.first_image * blocks() + block;
        const std::int16_t* row = dy_ + (image_block * conv_.P + chunk.first_row) * conv_.Q * 16;
        for (std::int64_t p = 0; p < chunk.rows; ++p, row += conv_.Q * 16) {
            for (std::int64_t step = 0; step < row_steps_; ++step, to += kByteVectors) {
                const std::int64_t first = step * kByteStep;
                const std::int64_t count = std::min<std::int64_t>(kByteStep, conv_.Q - first);
                LanePacker packer(ops_, to, kByteVectorHalf);
                packer.add(row + first * 16, count);
                packer.finish();
                const std::int64_t done = (count + 3) / 4 * 64;
                std::fill_n(to + done, kByteVectorHalf - done, std::uint8_t{0});
                std::fill_n(to + kByteVectorHalf + done, kByteVectorHalf - done, std::uint8_t{0});
            }
        }
    }
}

// To (K, C, R, S).
void ImageGradient::finish_block(std::int64_t block, const std::int64_t* sums) {
    const std::int64_t first_k = block * kByteTileLanes;
    const std::int64_t lanes = std::min<std::int64_t>(kByteTileLanes, conv_.K - first_k);
    auto* results = kept<std::uint32_t>(Kept::results, tap_rows() * kByteTileLanes);
    auto* out = reinterpret_cast<std::uint32_t*>(dw_) + first_k * conv_.C * conv_.R * conv_.S;
    for (std::int64_t s = 0; s < conv_.S; ++s, sums += tap_blocks() * kByteTileRows * kByteTileLanes) {
        const FinishArguments finishing{sums,   tap_rows(), kByteTileLanes, kByteTileLanes,
                                        scale_, results,    kByteTileLanes, false};
        raise_to(largest_, finish(products_.isa, Policy::exact, finishing));
        for (std::int64_t tap = 0; tap < tap_rows(); ++tap) {
            const std::int64_t place = (tap % conv_.C * conv_.R + tap / conv_.C) * conv_.S + s;
            for (std::int64_t k = 0; k < lanes; ++k) {
                out[k * conv_.C * conv_.R * conv_.S + place] = results[tap * kByteTileLanes + k];
            }
        }
    }
}

}  // namespace dfp16::fast
