#include "fastpath/byte_gradient.h"

#include <algorithm>

#include "fastpath/atomic_max.h"
#include "fastpath/byte_tile/lane_packer.h"
#include "fastpath/byte_tile/own_sums.h"
#include "fastpath/byte_tile/tile_costs.h"
#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/even_piece.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/pointwise_row.h"

namespace dfp16::fast {

namespace {

/// Pixels of a chunk that all threads sum: its sums are read and written once.
constexpr std::int64_t kSharedPixels = 3200;

ConvParams flattened(const ConvParams& conv) {
    return is_pointwise(conv) ? with_rows_of(conv, pointwise_row(conv.H * conv.W)) : conv;
}

// Pairs of a row of outputs and a row of taps that meet the input; dot tiles leave out all others.
std::int64_t rows_within(const ConvParams& conv) {
    std::int64_t within = 0;
    for (std::int64_t p = 0; p < conv.P; ++p) {
        const std::int64_t first = p * conv.stride[0] - conv.pad[0];
        within += std::max<std::int64_t>(0, std::min(first + conv.R, conv.H) - std::max<std::int64_t>(first, 0));
    }
    return within;
}

}  // namespace

// Beside what tile_costs.h says: to pack 16 pixels of a channel, of which all tiles have their share. Sums of byte tiles
// are combined twice, or more often, which the step's cost has in it where pixels are many.
bool prefers_byte_tiles(const Products& products, const ConvParams& conv) {
    constexpr std::int64_t pack_cost = 5;
    if (products.isa < Isa::amx || conv.accumulation.policy != Policy::exact) return false;
    const ConvParams flat = flattened(conv);
    const GradientPlanes planes(flat);
    if (planes.row_pixels > kMostProducts - kByteStep) return false;
    if (products.always_byte_tiles) return true;
    const std::int64_t C = conv.C / conv.groups;
    const std::int64_t K = conv.K / conv.groups;
    // Packed once for each phase of the strides, and each shift.
    const std::int64_t x_planes = planes.phases[0] * planes.phases[1] * planes.copies();
    const std::int64_t packed = (C * x_planes + K) * 256 * (conv.N * conv.P * conv.Q) / (16 * C * K * conv.R * conv.S);
    const std::int64_t steps = planes.steps({.images = flat.N, .rows = flat.P});
    // Rows of byte tiles are 16 channels, those of dot tiles as many as there are.
    const std::int64_t rows = is_pointwise(conv) ? std::min(C, K) : C;
    const std::int64_t sums = kStepCost * steps + 2 * kByteEndCost;
    const std::int64_t bytes = sums * ((rows + 15) / 16 * 16) / rows + pack_cost * packed;
    const std::int64_t dots = kPairCost * flat.N * ((flat.Q + 1) / 2) * rows_within(flat) / flat.R;
    return favours_byte_tiles(bytes, dots);
}

ByteGradient::ByteGradient(const Products& products, const ConvParams& conv, const std::int16_t* x,
                           const std::int16_t* dy)
    : products_(products), conv_(flattened(conv)), ops_(kByteOpsAmx), planes_(conv_) {
    plan_operands(x, dy);
    plan_chunks();
    plan_memory();
}

void ByteGradient::plan_operands(const std::int16_t* x, const std::int16_t* dy) {
    PlaneOperand input{.shape = {conv_.N, conv_.C, conv_.H, conv_.W, conv_.groups},
                       .data = x,
                       .step = conv_.stride,
                       .before = conv_.pad,
                       .phases = planes_.phases};
    PlaneOperand gradient{
        .shape = {conv_.N, conv_.K, conv_.P, conv_.Q, conv_.groups}, .data = dy, .between_zeros = true};
    transposed_ = taps() == 1 && conv_.C < conv_.K;
    rows_ = transposed_ ? input : gradient;
    lanes_ = transposed_ ? gradient : input;
}

void ByteGradient::plan_chunks() {
    const std::int64_t threads = products_.pool->threads();
    apart_ = threads > 1 && sums_bytes() <= kOwnSums;
    const std::int64_t pixel_bytes = 32 * (rows_.blocks() + planes_.copies() * lanes_.planes() * lanes_.blocks());
    const std::int64_t most_pixels =
        apart_ ? std::max(kNearBytes / pixel_bytes, std::int64_t{kByteStep}) : kSharedPixels;
    const std::int64_t image_pixels = planes_.image_pixels(conv_.P);
    Chunk chunk{.rows = conv_.P};
    if (image_pixels > most_pixels) {
        chunk.rows = even_piece(conv_.P, std::max<std::int64_t>(1, most_pixels / planes_.row_pixels));
    } else {
        const std::int64_t most_images = std::max<std::int64_t>(1, conv_.N / (apart_ ? threads : 1));
        chunk.images = even_piece(conv_.N, std::clamp<std::int64_t>(most_pixels / image_pixels, 1, most_images));
    }
    chunks_ = chunks_of(conv_, chunk);
    // Blocks of rows that stay near while one block of lanes after the other passes; and several jobs a thread.
    const std::int64_t row_blocks = rows_.shape.group_blocks();
    const std::int64_t near_rows = std::max<std::int64_t>(1, kNearBytes / (planes_.steps(chunk) * kByteVectors));
    const std::int64_t wanted =
        (4 * threads + conv_.groups * lanes_.shape.group_blocks() - 1) / (conv_.groups * lanes_.shape.group_blocks());
    row_ranges_ = std::min(row_blocks, std::max(wanted, (row_blocks + near_rows - 1) / near_rows));
}

void ByteGradient::plan_memory() {
    const std::int64_t copies = apart_ ? products_.pool->threads() : 1;
    const Chunk& largest = chunks_.front();
    const std::int64_t rows = rows_.blocks() * planes_.steps(largest) * kByteVectors;
    const std::int64_t vectors = lanes_.planes() * lanes_.blocks() * vector_bytes(largest);
    const std::int64_t sums = apart_ || chunks_.size() > 1 ? sums_bytes() / 8 : 0;
    const KeptParts<std::uint8_t> row_bytes(Kept::operand, copies, rows);
    const KeptParts<std::uint8_t> all_vectors(Kept::vectors, copies, vectors);
    const KeptParts<std::int64_t> all_sums(Kept::sums, copies, sums);
    for (std::int64_t i = 0; i < copies; ++i) {
        work_.push_back(
            {.chunk = {}, .rows = row_bytes[i], .vectors = all_vectors[i], .sums = sums > 0 ? all_sums[i] : nullptr});
    }
}

bool ByteGradient::run(double scale, float* dw) {
    scale_ = scale;
    dw_ = dw;
    apart_ ? run_apart() : run_together();
    return largest_ < kBeyondFp32;
}

// Every chunk is packed, then summed, by all threads.
void ByteGradient::run_together() {
    Work& work = work_[0];
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
        work.chunk = chunks_[i];
        const bool last = i + 1 == chunks_.size();
        products_.pool->parallel_for(pack_jobs(), [&](std::int64_t job, int) { pack(work, job); });
        products_.pool->parallel_for(block_jobs(), [&](std::int64_t job, int) {
            ops_.start();
            for_each_block(job, [&](const Block& block, std::int64_t index) {
                std::int64_t* sums = work.sums != nullptr ? work.sums + index * block_sums()
                                                          : kept<std::int64_t>(Kept::block_sums, block_sums());
                sum_block(work, block, i == 0, sums);
                if (last) finish_block(block, sums);
            });
            ops_.end();
        });
    }
}

// Every thread packs chunks of its own and sums them; in the end all sums are added up.
void ByteGradient::run_apart() {
    products_.pool->parallel_for(static_cast<std::int64_t>(chunks_.size()), [&](std::int64_t chunk, int thread) {
        Work& work = work_[static_cast<std::size_t>(thread)];
        work.chunk = chunks_[static_cast<std::size_t>(chunk)];
        ops_.start();
        for (std::int64_t job = 0; job < pack_jobs(); ++job) pack(work, job);
        for (std::int64_t job = 0; job < block_jobs(); ++job) {
            for_each_block(job, [&](const Block& block, std::int64_t index) {
                sum_block(work, block, !work.started, work.sums + index * block_sums());
            });
        }
        work.started = true;
        ops_.end();
    });
    std::erase_if(work_, [](const Work& work) { return !work.started; });
    products_.pool->parallel_for(block_jobs(), [&](std::int64_t job, int) {
        for_each_block(job, [&](const Block& block, std::int64_t index) {
            finish_block(block, add_up(vector_ops(products_.isa), work_, index * block_sums(), block_sums()));
        });
    });
}

void ByteGradient::pack(const Work& work, std::int64_t job) const {
    const std::int64_t steps = planes_.steps(work.chunk);
    if (job < rows_.blocks()) {
        auto* pixels = kept<std::int16_t>(Kept::packed_block, steps * kByteStep * 16);
        rows_.gather(planes_, work.chunk, job, 0, steps * kByteStep, pixels);
        return ops_.split_rows(pixels, steps, work.rows + job * steps * kByteVectors);
    }
    const std::int64_t vectors = job - rows_.blocks();
    const std::int64_t fours = planes_.fours(work.chunk);
    std::uint8_t* out = work.vectors + vectors * vector_bytes(work.chunk);
    if (lanes_.dense(planes_)) {
        LanePacker packer(ops_, out, fours * 64);
        for (std::int64_t image = 0; image < work.chunk.images; ++image) {
            packer.add(lanes_.pixels(work.chunk, vectors, image), work.chunk.rows * planes_.row_pixels);
        }
        return packer.finish();
    }
    const std::int64_t count = 4 * fours + planes_.copies() - 1;
    auto* pixels = kept<std::int16_t>(Kept::packed_block, count * 16);
    lanes_.gather(planes_, work.chunk, vectors % lanes_.blocks(), vectors / lanes_.blocks(), count, pixels);
    for (std::int64_t copy = 0; copy < planes_.copies(); ++copy, out += 2 * fours * 64) {
        ops_.split_lanes(pixels + copy * 16, fours, out, fours * 64);
    }
}

template <typename Run>
void ByteGradient::for_each_block(std::int64_t job, const Run& run) const {
    const std::int64_t row_blocks = rows_.shape.group_blocks();
    const std::int64_t lane_blocks = lanes_.shape.group_blocks();
    const std::int64_t lanes = job % lane_blocks;
    const std::int64_t range = job / lane_blocks % row_ranges_;
    const std::int64_t group = job / lane_blocks / row_ranges_;
    for (std::int64_t rows = range * row_blocks / row_ranges_; rows < (range + 1) * row_blocks / row_ranges_; ++rows) {
        run(Block{group, lanes, rows}, (group * lane_blocks + lanes) * row_blocks + rows);
    }
}

// All taps, several of them piece by piece: the rows that they have in common stay in a first-level cache.
void ByteGradient::sum_block(const Work& work, const Block& block, bool fresh, std::int64_t* sums) const {
    constexpr std::int64_t near_steps = 10;
    const std::int64_t row_block = block.group * rows_.shape.group_blocks() + block.rows;
    const std::int64_t lane_block = block.group * lanes_.shape.group_blocks() + block.lanes;
    const std::int64_t steps = planes_.steps(work.chunk);
    const std::int64_t piece = taps() > 1 ? even_piece(steps, near_steps) : steps;
    ByteTileArguments arguments;
    arguments.rows_step = kByteVectors;
    arguments.rows_low = kByteVectorHalf;
    arguments.vectors_step = kByteVectorHalf;
    arguments.vectors_low = planes_.fours(work.chunk) * 64;
    auto* products = kept<ByteProducts>(Kept::products, taps());
    for (std::int64_t first = 0; first < steps; first += piece) {
        arguments.steps = std::min(piece, steps - first);
        arguments.goes_on = first > 0;
        arguments.rows = work.rows + (row_block * steps + first) * kByteVectors;
        for (std::int64_t tap = 0; tap < taps(); ++tap) {
            arguments.vectors = vectors_of_tap(work, lane_block, tap) + first * kByteVectorHalf;
            ops_.sum_tile(arguments, products[tap]);
        }
    }
    for (std::int64_t tap = 0; tap < taps(); ++tap, sums += kByteTileRows * kByteTileLanes) {
        take_products(ops_, products[tap], fresh, sums);
    }
}

// Each tap meets x elsewhere.
const std::uint8_t* ByteGradient::vectors_of_tap(const Work& work, std::int64_t lane_block, std::int64_t tap) const {
    const std::int64_t r = tap / conv_.S;
    const std::int64_t s = tap % conv_.S;
    const std::int64_t plane = r % conv_.stride[0] * lanes_.phases[1] + s % conv_.stride[1];
    const std::int64_t shift = r / conv_.stride[0] * planes_.row_pixels + s / conv_.stride[1];
    return work.vectors + (plane * lanes_.blocks() + lane_block) * vector_bytes(work.chunk) +
           (shift % 4 * 2 * planes_.fours(work.chunk) + shift / 4) * 64;
}

// From [tap][row][lane] to (K, C, R, S): as they are, rows being k, of one tap; else they change places.
void ByteGradient::finish_block(const Block& block, const std::int64_t* sums) {
    const std::int64_t first_row = kByteTileRows * block.rows;
    const std::int64_t first_lane = kByteTileLanes * block.lanes;
    const std::int64_t rows = std::min<std::int64_t>(kByteTileRows, rows_.shape.group_channels() - first_row);
    const std::int64_t lanes = std::min<std::int64_t>(kByteTileLanes, lanes_.shape.group_channels() - first_lane);
    const std::int64_t channels = conv_.C / conv_.groups;
    float* out = dw_ + block.group * (conv_.K / conv_.groups) * channels * taps();
    if (!transposed_ && taps() == 1) {
        const FinishArguments in_place{
            sums, rows, kByteTileLanes, lanes, scale_, out + first_row * channels + first_lane, channels, false};
        return raise_to(largest_, finish(products_.isa, Policy::exact, in_place));
    }
    auto* results = kept<std::uint32_t>(Kept::results, block_sums());
    const FinishArguments finishing{sums,    taps() * kByteTileRows, kByteTileLanes, kByteTileLanes, scale_,
                                    results, kByteTileLanes,         false};
    raise_to(largest_, finish(products_.isa, Policy::exact, finishing));
    transpose_block(results, first_row, rows, first_lane, lanes, reinterpret_cast<std::uint32_t*>(out));
}

// Results [tap][row][lane] to those of a group.
void ByteGradient::transpose_block(const std::uint32_t* results, std::int64_t first_row, std::int64_t rows,
                                   std::int64_t first_lane, std::int64_t lanes, std::uint32_t* out) const {
    const std::int64_t channels = conv_.C / conv_.groups;
    const VectorOps& ops = vector_ops(products_.isa);
    const std::uint32_t* from[16];
    if (transposed_) {
        for (std::int64_t c = 0; c < rows; ++c) from[c] = results + c * kByteTileLanes;
        return ops.transpose_results(from, rows, 0, lanes, out + first_lane * channels + first_row, channels);
    }
    for (std::int64_t k = 0; k < rows; ++k) {
        std::uint32_t* of_k = out + ((first_row + k) * channels + first_lane) * taps();
        for (std::int64_t first = 0; first < taps(); first += 16) {
            const std::int64_t count = std::min<std::int64_t>(16, taps() - first);
            for (std::int64_t i = 0; i < count; ++i) {
                from[i] = results + ((first + i) * kByteTileRows + k) * kByteTileLanes;
            }
            ops.transpose_results(from, count, 0, lanes, of_k + first, taps());
        }
    }
}

}  // namespace dfp16::fast
