#include "fastpath/byte_gradient.h"

#include <algorithm>

#include "fastpath/atomic_max.h"
#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/pointwise_row.h"

namespace dfp16::fast {

namespace {

/// Bytes of x and dy in a chunk that a thread packs and sums alone, or with others.
constexpr std::int64_t kOwnBytes = 768 * 1024;
constexpr std::int64_t kSharedBytes = 4 * 1024 * 1024;
/// Of sums that a thread may have of its own.
constexpr std::int64_t kOwnSums = 1024 * 1024;

ConvParams flattened(ConvParams conv) {
    if (!is_pointwise(conv)) return conv;
    const std::int64_t pixels = conv.H * conv.W;
    conv.W = conv.Q = pointwise_row(pixels);
    conv.H = conv.P = pixels / conv.W;
    return conv;
}

GradientPlanes planes_of(const ConvParams& conv) {
    GradientPlanes planes;
    planes.rows_below = (conv.R - 1) / conv.stride[0];
    const std::int64_t cols_beside = (conv.S - 1) / conv.stride[1];
    planes.row_pixels = conv.Q + cols_beside;
    planes.reach = planes.rows_below * planes.row_pixels + cols_beside;
    return planes;
}

}  // namespace

bool prefers_byte_tiles(const Products& products, const ConvParams& conv) {
    if (products.isa < Isa::amx || conv.accumulation.policy != Policy::exact) return false;
    return conv.C / conv.groups >= 8 && planes_of(conv).image_pixels(1) <= kMostProducts - kByteStep;
}

ByteGradient::ByteGradient(const Products& products, const ConvParams& conv, const std::int16_t* x,
                           const std::int16_t* dy)
    : products_(products), conv_(flattened(conv)), ops_(kByteOpsAmx), planes_(planes_of(conv_)) {
    plan_operands(x, dy);
    plan_chunks();
    plan_memory();
}

void ByteGradient::plan_operands(const std::int16_t* x, const std::int16_t* dy) {
    PlaneOperand input{.shape = {conv_.N, conv_.C, conv_.H, conv_.W, conv_.groups},
                       .data = x,
                       .step = conv_.stride,
                       .before = conv_.pad,
                       .phases = {std::min(conv_.stride[0], conv_.R), std::min(conv_.stride[1], conv_.S)}};
    PlaneOperand gradient{
        .shape = {conv_.N, conv_.K, conv_.P, conv_.Q, conv_.groups}, .data = dy, .between_zeros = true};
    transposed_ = taps() == 1 && conv_.K < conv_.C;
    rows_ = transposed_ ? gradient : input;
    lanes_ = transposed_ ? input : gradient;
}

void ByteGradient::plan_chunks() {
    const std::int64_t threads = products_.pool->threads();
    apart_ = threads > 1 && sums_bytes() <= kOwnSums;
    const std::int64_t pixel_bytes = 32 * (rows_.planes() * rows_.blocks() + lanes_.blocks());
    const std::int64_t most_pixels =
        std::min((apart_ ? kOwnBytes : kSharedBytes) / pixel_bytes, kMostProducts - kByteStep);
    PlaneChunk chunk{.rows = conv_.P};
    if (planes_.image_pixels(conv_.P) > most_pixels) {
        chunk.rows = std::max<std::int64_t>(1, most_pixels / planes_.row_pixels - planes_.rows_below);
        const std::int64_t pieces = (conv_.P + chunk.rows - 1) / chunk.rows;
        chunk.rows = (conv_.P + pieces - 1) / pieces;
    } else {
        const std::int64_t wanted = apart_ ? threads : 1;
        chunk.images = std::clamp<std::int64_t>(most_pixels / planes_.image_pixels(conv_.P), 1,
                                                std::max<std::int64_t>(1, conv_.N / wanted));
    }
    for (std::int64_t image = 0; image < conv_.N; image += chunk.images) {
        for (std::int64_t row = 0; row < conv_.P; row += chunk.rows) {
            chunks_.push_back(
                {image, std::min(chunk.images, conv_.N - image), row, std::min(chunk.rows, conv_.P - row)});
        }
    }
}

void ByteGradient::plan_memory() {
    const std::int64_t copies = apart_ ? products_.pool->threads() : 1;
    const PlaneChunk& largest = chunks_.front();
    const std::int64_t rows = 2 * low(largest);
    const std::int64_t vectors = lanes_.blocks() * planes_.steps(largest) * kByteVectors;
    const std::int64_t sums = apart_ || chunks_.size() > 1 ? sums_bytes() / 8 : 0;
    auto* row_bytes = kept<std::uint8_t>(Kept::operand, copies * rows);
    auto* vector_bytes = kept<std::uint8_t>(Kept::vectors, copies * vectors);
    auto* all_sums = kept<std::int64_t>(Kept::sums, copies * sums);
    for (std::int64_t i = 0; i < copies; ++i) {
        work_.push_back({.chunk = {},
                         .rows = row_bytes + i * rows,
                         .vectors = vector_bytes + i * vectors,
                         .sums = sums > 0 ? all_sums + i * sums : nullptr});
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
            const Block block = block_of(job);
            std::int64_t* sums = work.sums != nullptr ? work.sums + job * block_sums()
                                                      : kept<std::int64_t>(Kept::block_sums, block_sums());
            ops_.start();
            sum_block(work, block, i == 0, sums);
            ops_.end();
            if (last) finish_block(block, sums);
        });
    }
}

// Every thread packs chunks of its own and sums them; in the end all sums are added up.
void ByteGradient::run_apart() {
    std::atomic<std::size_t> next{0};
    products_.pool->parallel_for(static_cast<std::int64_t>(work_.size()), [&](std::int64_t thread, int) {
        Work& work = work_[static_cast<std::size_t>(thread)];
        ops_.start();
        for (std::size_t i = next++; i < chunks_.size(); i = next++) {
            work.chunk = chunks_[i];
            for (std::int64_t job = 0; job < pack_jobs(); ++job) pack(work, job);
            for (std::int64_t job = 0; job < block_jobs(); ++job) {
                sum_block(work, block_of(job), !work.started, work.sums + job * block_sums());
            }
            work.started = true;
        }
        ops_.end();
    });
    std::erase_if(work_, [](const Work& work) { return !work.started; });
    products_.pool->parallel_for(block_jobs(), [&](std::int64_t job, int) {
        std::int64_t* sums = work_[0].sums + job * block_sums();
        for (std::size_t i = 1; i < work_.size(); ++i) {
            vector_ops(products_.isa).add_int64(sums, work_[i].sums + job * block_sums(), block_sums());
        }
        finish_block(block_of(job), sums);
    });
}

void ByteGradient::pack(const Work& work, std::int64_t job) const {
    auto* pixels = kept<std::int16_t>(Kept::packed_block, planes_.units(work.chunk) * kByteStep * 16);
    const std::int64_t row_jobs = rows_.planes() * rows_.blocks();
    if (job < row_jobs) {
        rows_.gather(planes_, work.chunk, job % rows_.blocks(), job / rows_.blocks(), pixels);
        ops_.split_rows(pixels, planes_.units(work.chunk),
                        work.rows + job * kByteTileRows * planes_.row_bytes(work.chunk), planes_.row_bytes(work.chunk),
                        low(work.chunk));
        return;
    }
    const std::int64_t block = job - row_jobs;
    const std::int64_t steps = planes_.steps(work.chunk);
    lanes_.gather(planes_, work.chunk, block, 0, pixels);
    ops_.split_lanes(pixels, steps, work.vectors + block * steps * kByteVectors);
}

ByteGradient::Block ByteGradient::block_of(std::int64_t job) const {
    const std::int64_t row_blocks = rows_.shape.group_blocks();
    const std::int64_t lane_blocks = lanes_.shape.group_blocks();
    return {job / row_blocks / lane_blocks, job / row_blocks % lane_blocks, job % row_blocks};
}

// All taps: each meets x elsewhere.
void ByteGradient::sum_block(const Work& work, const Block& block, bool fresh, std::int64_t* sums) const {
    const std::int64_t row_bytes = planes_.row_bytes(work.chunk);
    const std::int64_t row_block = block.group * rows_.shape.group_blocks() + block.rows;
    const std::int64_t lane_block = block.group * lanes_.shape.group_blocks() + block.lanes;
    ByteTileArguments arguments;
    arguments.row_stride = row_bytes;
    arguments.low = low(work.chunk);
    arguments.steps = planes_.steps(work.chunk);
    arguments.vectors = work.vectors + lane_block * arguments.steps * kByteVectors;
    arguments.step_bytes = kByteStep;
    ByteProducts products;
    for (std::int64_t tap = 0; tap < taps(); ++tap, sums += kByteTileRows * kByteTileLanes) {
        const std::int64_t r = tap / conv_.S;
        const std::int64_t s = tap % conv_.S;
        const std::int64_t plane = r % conv_.stride[0] * rows_.phases[1] + s % conv_.stride[1];
        const std::int64_t shift = r / conv_.stride[0] * planes_.row_pixels + s / conv_.stride[1];
        arguments.rows = work.rows + (plane * rows_.blocks() + row_block) * kByteTileRows * row_bytes + shift;
        ops_.sum_tile(arguments, products);
        (fresh ? ops_.store_products : ops_.add_products)(products, sums);
    }
}

// From [tap][row][lane] to (K, C, R, S).
void ByteGradient::finish_block(const Block& block, const std::int64_t* sums) {
    const std::int64_t rows = std::min<std::int64_t>(kByteTileRows, rows_.shape.group_channels() - 16 * block.rows);
    const std::int64_t lanes = std::min<std::int64_t>(kByteTileLanes, lanes_.shape.group_channels() - 16 * block.lanes);
    const std::int64_t channels = conv_.C / conv_.groups;
    const std::int64_t first_k = block.group * (conv_.K / conv_.groups);
    if (transposed_) {
        float* out = dw_ + (first_k + 16 * block.rows) * channels + 16 * block.lanes;
        return raise_to(largest_, finish(products_.isa, Policy::exact,
                                         {sums, rows, kByteTileLanes, lanes, scale_, out, channels, false}));
    }
    auto* results = kept<std::uint32_t>(Kept::results, block_sums());
    raise_to(largest_, finish(products_.isa, Policy::exact,
                              {sums, taps() * kByteTileRows, kByteTileLanes, kByteTileLanes, scale_, results,
                               kByteTileLanes, false}));
    auto* out =
        reinterpret_cast<std::uint32_t*>(dw_) + ((first_k + 16 * block.lanes) * channels + 16 * block.rows) * taps();
    const std::uint32_t* from[16];
    for (std::int64_t first = 0; first < rows * taps(); first += 16) {
        const std::int64_t count = std::min<std::int64_t>(16, rows * taps() - first);
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int64_t row = (first + i) / taps();
            const std::int64_t tap = (first + i) % taps();
            from[i] = results + (tap * kByteTileRows + row) * kByteTileLanes;
        }
        vector_ops(products_.isa).transpose_results(from, count, 0, lanes, out + first, channels * taps());
    }
}

}  // namespace dfp16::fast
