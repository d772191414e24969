#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <vector>

#include "fastpath/atomic_max.h"
#include "fastpath/gradient_chunk.h"
#include "fastpath/packing/certificate.h"
#include "fastpath/packing/group_channels.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/pairs.h"
#include "fastpath/packing/planar.h"
#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "fastpath/tile_split.h"

namespace dfp16::fast {

namespace {

// Gradients of one tap row r that lie evenly spaced in the planar input: those of all channels at one s, or, where
// channels are few, those of one channel at s = phase, phase + stride, ...
struct Line {
    std::int64_t channel = 0, s = 0;            // of the first
    std::int64_t channel_step = 0, s_step = 0;  // to the next
    std::int64_t count = 0;
    std::int64_t origin = 0;     // element of a planar group
    std::int64_t first_sum = 0;  // among the sums of the tap row
    // [whether sums start here][whether the lane block is the last one, which may be narrower]
    std::array<std::vector<TileSplit>, 2> splits;
};

// dy is packed, with its k as lanes; x is planar and broadcast. Sums stay from chunk to chunk. While a chunk is summed,
// the next one is packed: one waits for memory, the other for multipliers.
class WeightGradient {
public:
    WeightGradient(const Products& products, const GradientOperands& operands)
        : products_(products),
          operands_(operands),
          conv_(operands.conv),
          policy_(conv_.accumulation.policy),
          blocks_(operands.blocks),
          chunk_(largest_chunk()),
          input_(conv_, chunk_.images, chunk_.rows) {
        plan_lines();
        plan_memory();
    }

    /// Whether every result is within FP32.
    bool run(double scale, std::uint32_t* dw);

private:
    Chunk largest_chunk() const;
    void plan_lines();
    void plan_memory();
    std::vector<Chunk> chunks() const;
    std::int64_t sum_jobs() const;
    void sum(std::int64_t job, const GradientChunk& chunk, bool fresh, bool last);
    std::uint32_t accumulate_range(const Line& line, std::int64_t group, std::int64_t block, std::int64_t r,
                                   std::int64_t range, bool fresh, bool last, DotTileArguments arguments) const;
    void write_results(std::uint32_t* dw) const;
    /// Where a sum and those of its neighbour lanes are, among all.
    std::int64_t sum_place(std::int64_t group, std::int64_t block, std::int64_t r, std::int64_t sum) const;

    const Products& products_;
    const GradientOperands& operands_;
    const ConvParams& conv_;
    Policy policy_;
    const LaneBlocks& blocks_;
    Chunk chunk_;  // the largest
    PlanarInput input_;
    std::vector<Line> lines_;
    std::int64_t ranges_ = 1;  // of a line's tiles: a second-level cache holds the input of one
    std::vector<std::int64_t> offsets_;
    std::array<std::optional<GradientChunk>, 2> packed_;
    char* sums_ = nullptr;              // [group][block][r][Cg * S][lanes]; only between chunks
    std::uint32_t* results_ = nullptr;  // the same in FP32 (or INT32)
    double scale_ = 1.0;
    std::atomic<std::uint32_t> largest_{0};
};

// Few chunks, as each reads and writes all sums; but a second-level cache shall hold the pairs of a lane block, and a
// third-level one the whole chunk.
Chunk WeightGradient::largest_chunk() const {
    constexpr std::int64_t most_pairs = 2048;
    constexpr std::int64_t most_elements = 4 * 1024 * 1024;
    const std::int64_t row_pairs = (conv_.Q + 1) / 2;
    const std::int64_t row_elements = 2 * row_pairs * (conv_.K + conv_.C * conv_.stride[0]);
    const std::int64_t rows = std::min(most_pairs / row_pairs, most_elements / row_elements);
    if (rows < conv_.P && any_order(policy_)) return {0, 1, 0, std::max<std::int64_t>(1, rows)};
    return {0, std::clamp<std::int64_t>(rows / conv_.P, 1, conv_.N), 0, conv_.P};
}

void WeightGradient::plan_lines() {
    const std::int64_t channels = conv_.C / conv_.groups;
    const std::int64_t sw = conv_.stride[1];
    if (channels >= (conv_.S + sw - 1) / sw) {
        for (std::int64_t s = 0; s < conv_.S; ++s) lines_.push_back({0, s, 1, 0, channels, 0, 0, {}});
    } else {
        for (std::int64_t c = 0; c < channels; ++c) {
            for (std::int64_t phase = 0; phase < input_.phases; ++phase) {
                lines_.push_back({c, phase, 0, sw, (conv_.S - phase + sw - 1) / sw, 0, 0, {}});
            }
        }
    }
    std::int64_t sum = 0;
    for (Line& line : lines_) {
        line.origin = input_.place(line.channel, line.s);
        line.first_sum = sum;
        sum += line.count;
        const std::int64_t step = 2 * (line.channel_step > 0 ? input_.channel_elements() : 1);
        for (const bool fresh : {false, true}) {
            for (const std::int64_t block : {std::int64_t{0}, blocks_.count() - 1}) {
                line.splits[fresh].emplace_back(products_.isa, policy_, line.count, blocks_.lanes(block), step, fresh);
            }
        }
    }
    constexpr std::int64_t range_elements = 160 * 1024;
    if (lines_[0].channel_step > 0) {
        const std::int64_t tiles = lines_[0].splits[0][0].tiles();
        ranges_ = std::clamp((input_.group_elements() + range_elements - 1) / range_elements, std::int64_t{1}, tiles);
    }
    for (std::int64_t image = 0; image < chunk_.images; ++image) {
        for (std::int64_t p = 0; p < chunk_.rows; ++p) {
            const std::int64_t row = image * input_.image_elements() + p * conv_.stride[0] * input_.row_elements;
            for (std::int64_t q = 0; q < conv_.Q; q += 2) offsets_.push_back(2 * (row + q));
        }
    }
}

void WeightGradient::plan_memory() {
    const bool one_chunk = chunk_.images == conv_.N && chunk_.rows == conv_.P;
    const std::int64_t copies = one_chunk ? 1 : 2;
    const GradientChunk::Memory memory = GradientChunk::memory_of(operands_, input_, chunk_);
    auto* planar = kept<std::int16_t>(Kept::operand, copies * memory.planar);
    auto* packed = kept<std::int16_t>(Kept::vectors, copies * memory.packed);
    auto* norms = kept<std::uint32_t>(Kept::norms, copies * memory.norms);
    for (std::int64_t i = 0; i < copies; ++i) {
        packed_[static_cast<std::size_t>(i)].emplace(products_, operands_, input_, chunk_, planar + i * memory.planar,
                                                     packed + i * memory.packed, norms + i * memory.norms);
    }
    const std::int64_t sums = conv_.groups * blocks_.padded() * conv_.R * conv_.S * (conv_.C / conv_.groups);
    results_ = kept<std::uint32_t>(Kept::results, sums);
    sums_ = kept<char>(Kept::sums, one_chunk ? 0 : sums * sum_bytes(policy_));
}

std::int64_t WeightGradient::sum_place(std::int64_t group, std::int64_t block, std::int64_t r, std::int64_t sum) const {
    const std::int64_t row_sums = conv_.C / conv_.groups * conv_.S;
    const std::int64_t rows_before = (group * blocks_.padded() + blocks_.first(block)) * conv_.R * row_sums;
    return rows_before + (r * row_sums + sum) * blocks_.lanes(block);
}

std::vector<Chunk> WeightGradient::chunks() const {
    std::vector<Chunk> chunks;
    for (std::int64_t image = 0; image < conv_.N; image += chunk_.images) {
        for (std::int64_t row = 0; row < conv_.P; row += chunk_.rows) {
            chunks.push_back(
                {image, std::min(chunk_.images, conv_.N - image), row, std::min(chunk_.rows, conv_.P - row)});
        }
    }
    return chunks;
}

bool WeightGradient::run(double scale, std::uint32_t* dw) {
    scale_ = scale;
    const std::vector<Chunk> all = chunks();
    GradientChunk* packed = &*packed_[0];
    packed->start(all[0]);
    products_.pool->parallel_for(packed->jobs(), [&](std::int64_t job, int) { packed->run_job(job); });
    packed->finish();
    for (std::size_t i = 0; i < all.size(); ++i) {
        GradientChunk* next = i + 1 < all.size() ? &*packed_[(i + 1) % 2] : nullptr;
        if (next != nullptr) next->start(all[i + 1]);
        const std::int64_t packing = next != nullptr ? next->jobs() : 0;
        const std::int64_t jobs = packing + sum_jobs();
        products_.pool->parallel_for(jobs, [&](std::int64_t job, int) {
            const std::int64_t packings = job * packing / jobs;  // before this job
            if ((job + 1) * packing / jobs > packings) return next->run_job(packings);
            sum(job - packings, *packed, i == 0, next == nullptr);
        });
        if (next != nullptr) next->finish();
        packed = next;
    }
    write_results(dw);
    return largest_ < kBeyondFp32;
}

std::int64_t WeightGradient::sum_jobs() const {
    return conv_.groups * ranges_ * static_cast<std::int64_t>(lines_.size()) * conv_.R * blocks_.count();
}

void WeightGradient::sum(std::int64_t job, const GradientChunk& chunk, bool fresh, bool last) {
    const auto lines = static_cast<std::int64_t>(lines_.size());
    const std::int64_t block = job % blocks_.count();
    const std::int64_t r = job / blocks_.count() % conv_.R;
    const Line& line = lines_[static_cast<std::size_t>(job / blocks_.count() / conv_.R % lines)];
    const std::int64_t range = job / blocks_.count() / conv_.R / lines % ranges_;
    const std::int64_t group = job / blocks_.count() / conv_.R / lines / ranges_;
    const std::vector<std::int64_t>& chains = chunk.chains(group, block);
    DotTileArguments arguments;
    arguments.offsets = offsets_.data();
    arguments.chains = chains.data();
    arguments.chain_count = static_cast<std::int64_t>(chains.size());
    arguments.vectors = chunk.packed(group, block);
    arguments.broadcast = chunk.planar(group) + line.origin + r * input_.row_elements;
    raise_to(largest_, accumulate_range(line, group, block, r, range, fresh, last, arguments));
}

// `arguments.broadcast` is that of the line's first tile. Sums go to memory only if there are chunks before or behind;
// the last chunk gives results. Gives the bits of their largest magnitude.
std::uint32_t WeightGradient::accumulate_range(const Line& line, std::int64_t group, std::int64_t block, std::int64_t r,
                                               std::int64_t range, bool fresh, bool last,
                                               DotTileArguments arguments) const {
    const TileSplit& split = line.splits[fresh][block + 1 < blocks_.count() ? 0 : 1];
    const std::int16_t* origin = arguments.broadcast;
    const std::int64_t step = line.channel_step > 0 ? input_.channel_elements() : 1;
    const std::int64_t lanes = blocks_.lanes(block);
    const std::int64_t end = split.tiles() * (range + 1) / ranges_;
    TileSums sums;
    std::uint32_t largest = 0;
    for (std::int64_t tile = split.tiles() * range / ranges_; tile < end; ++tile) {
        const std::int64_t place = sum_place(group, block, r, line.first_sum + split.first(tile));
        arguments.broadcast = origin + split.first(tile) * step;
        arguments.sums = fresh && last ? static_cast<void*>(sums.sums) : sums_ + place * sum_bytes(policy_);
        split.run(tile, arguments);
        if (!last) continue;
        largest = std::max(largest, fast::finish(products_.isa, policy_,
                                                 {arguments.sums, split.size(tile), lanes, lanes, scale_,
                                                  results_ + place, lanes, false}));
    }
    return largest;
}

// From [r][c or s][lanes] to (K, C, R, S): 16 taps of 16 lanes at a time.
void WeightGradient::write_results(std::uint32_t* dw) const {
    const std::int64_t channels = conv_.C / conv_.groups;
    const std::int64_t taps = conv_.R * conv_.S;
    const std::int64_t channels_a_job = std::clamp<std::int64_t>(1024 / taps, 1, 256);
    const std::int64_t chunks = (channels + channels_a_job - 1) / channels_a_job;
    std::vector<std::int64_t> sums(static_cast<std::size_t>(channels * conv_.S));  // of (c, s) among a row's
    for (const Line& line : lines_) {
        for (std::int64_t i = 0; i < line.count; ++i) {
            const std::int64_t c = line.channel + i * line.channel_step;
            sums[static_cast<std::size_t>(c * conv_.S + line.s + i * line.s_step)] = line.first_sum + i;
        }
    }
    const VectorOps& ops = vector_ops(products_.isa);
    products_.pool->parallel_for(conv_.groups * blocks_.count() * chunks, [&](std::int64_t job, int) {
        const std::int64_t first = job % chunks * channels_a_job * taps;
        const std::int64_t end = std::min(first + channels_a_job * taps, channels * taps);
        const std::int64_t block = job / chunks % blocks_.count();
        const std::int64_t group = job / chunks / blocks_.count();
        const std::int64_t first_k = group * blocks_.channels + blocks_.first(block);
        const std::uint32_t* rows[16];
        for (std::int64_t tap = first; tap < end; tap += 16) {
            const std::int64_t count = std::min<std::int64_t>(16, end - tap);
            for (std::int64_t i = 0; i < count; ++i) {
                const std::int64_t c = (tap + i) / taps;
                const std::int64_t r = (tap + i) % taps / conv_.S;
                const std::int64_t sum = sums[static_cast<std::size_t>(c * conv_.S + (tap + i) % conv_.S)];
                rows[i] = results_ + sum_place(group, block, r, sum);
            }
            for (std::int64_t lane = 0; lane < blocks_.used(block); lane += 16) {
                const std::int64_t lanes = std::min<std::int64_t>(16, blocks_.used(block) - lane);
                ops.transpose_results(rows, count, lane, lanes, dw + (first_k + lane) * channels * taps + tap,
                                      channels * taps);
            }
        }
    });
}

// Where the order does not count, an image that is taken pixel by pixel is one long row.
ConvParams flattened(const ConvParams& conv) {
    ConvParams flat = conv;
    if (any_order(conv.accumulation.policy) && conv.R == 1 && conv.S == 1 &&
        conv.stride == std::array<std::int64_t, 2>{1, 1} && conv.pad == std::array<std::int64_t, 2>{0, 0}) {
        flat.W = flat.Q = conv.H * conv.W;
        flat.H = flat.P = 1;
    }
    return flat;
}

}  // namespace

void conv_weight_gradient(const Products& products, const ConvParams& conv, Operand x, Operand dy, Result dw) {
    const std::array x_shape{conv.N, conv.C, conv.H, conv.W};
    const std::array dy_shape{conv.N, conv.K, conv.P, conv.Q};
    const std::array dw_shape{conv.K, conv.C / conv.groups, conv.R, conv.S};
    const Policy policy = conv.accumulation.policy;
    const BroadcastBound x_bound = check_operand(products, policy, {"x", x_shape, true}, x);
    check_operand(products, policy, {"dy", dy_shape, true}, dy);

    const Activation in{conv.N, conv.C, conv.H, conv.W, conv.groups};
    const Activation out{conv.N, conv.K, conv.P, conv.Q, conv.groups};
    std::int16_t* grouped_x = in.aligned() ? nullptr : kept<std::int16_t>(Kept::grouped_operand, in.grouped_elements());
    std::int16_t* grouped_dy =
        out.aligned() ? nullptr : kept<std::int16_t>(Kept::grouped_second, out.grouped_elements());
    const ConvParams flat = flattened(conv);
    const GradientOperands operands{flat, group_channels(*products.pool, in, x.mantissas, grouped_x),
                                    group_channels(*products.pool, out, dy.mantissas, grouped_dy), x_bound,
                                    LaneBlocks{conv.K / conv.groups, widest_lanes(products.isa)}};
    WeightGradient gradient(products, operands);
    auto* results =
        dw.fp32 != nullptr ? reinterpret_cast<std::uint32_t*>(dw.fp32) : reinterpret_cast<std::uint32_t*>(dw.int32);
    if (!gradient.run(scale_of(x, dy), results)) throw_beyond_fp32({"dw", dw_shape, false}, dw.fp32);
}

}  // namespace dfp16::fast
