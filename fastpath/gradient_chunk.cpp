#include "fastpath/gradient_chunk.h"

#include <algorithm>

#include "fastpath/atomic_max.h"
#include "fastpath/dot_tile/dot_tile.h"
#include "fastpath/packing/pairs.h"

namespace dfp16::fast {

bool any_order(Policy policy) {
    return policy == Policy::exact || policy == Policy::wrap;
}

GradientChunk::Memory GradientChunk::memory_of(const GradientOperands& operands, const PlanarInput& input,
                                               const Chunk& largest) {
    const std::int64_t image_pairs = largest.rows * row_pairs(operands);
    const std::int64_t lanes = operands.conv.groups * operands.blocks.padded();
    const std::int64_t units = largest.images * ((image_pairs + kUnit - 1) / kUnit);
    const bool certified = operands.conv.accumulation.policy == Policy::exact;
    if (operands.pixels) return {input.group_elements(), 0, units * ((operands.conv.C + 15) / 16)};
    return {operands.conv.groups * input.group_elements(), 2 * largest.images * image_pairs * lanes,
            certified ? 2 * units * lanes : 0};
}

GradientChunk::GradientChunk(const Products& products, const GradientOperands& operands, const PlanarInput& input,
                             const Chunk& largest, std::int16_t* planar, std::int16_t* packed, std::uint32_t* norms)
    : products_(products),
      operands_(operands),
      input_(input),
      chunk_(largest),
      planar_(planar),
      packed_(packed),
      norms_(norms),
      chains_(operands.pixels ? 1 : static_cast<std::size_t>(operands.conv.groups * operands.blocks.count())) {}

void GradientChunk::start(const Chunk& chunk) {
    chunk_ = chunk;
    largest_norm_ = 0;
}

RowRange GradientChunk::output_rows_met(std::int64_t r) const {
    const ConvParams& conv = operands_.conv;
    const std::int64_t stride = conv.stride[0];
    const std::int64_t above = conv.pad[0] - r;  // of the input, at output row 0
    const std::int64_t first = above > 0 ? (above + stride - 1) / stride : 0;
    const std::int64_t end = conv.H + above > 0 ? (conv.H + above + stride - 1) / stride : 0;
    return {std::clamp<std::int64_t>(first - chunk_.first_row, 0, chunk_.rows),
            std::clamp<std::int64_t>(end - chunk_.first_row, 0, chunk_.rows)};
}

std::vector<RowRun> GradientChunk::runs_around(const RowRange& rows) const {
    const std::int64_t of_row = row_pairs(operands_);
    std::vector<RowRun> runs;
    runs.reserve(static_cast<std::size_t>(3 * chunk_.images));
    for (std::int64_t image = 0; image < chunk_.images; ++image) {
        runs.push_back({-1, rows.first * of_row});
        runs.push_back({rows.first, (rows.end - rows.first) * of_row});
        runs.push_back({rows.end, (chunk_.rows - rows.end) * of_row});
    }
    return runs;
}

void GradientChunk::run_job(std::int64_t job) {
    if (job < input_jobs()) {
        pack_input(job);
    } else {
        pack_gradient(job - input_jobs());
    }
}

void GradientChunk::pack_for_blocks(std::int64_t first, std::int64_t end) {
    const std::int64_t parts = operands_.blocks.padded() / 16;
    for (std::int64_t job = 0; job < input_jobs(); ++job) pack_input(job);
    for (std::int64_t job = 0; job < gradient_jobs(); ++job) {
        const std::int64_t block = 16 * (job % parts) / operands_.blocks.widest;
        if (block >= first && block < end) pack_gradient(job);
    }
    for (std::int64_t block = first; block < end; ++block) run_chain_job(block);
}

void GradientChunk::pack_input(std::int64_t job) {
    const ConvParams& conv = operands_.conv;
    const std::int64_t block = job % input_blocks();
    const std::int64_t group = job / input_blocks() % conv.groups;
    const std::int64_t image = job / input_blocks() / conv.groups;
    const std::int64_t from = ((chunk_.first_image + image) * conv.groups + group) * input_blocks() + block;
    input_.pack_block(vector_ops(products_.isa), operands_.x + from * conv.H * conv.W * 16, block, image,
                      chunk_.first_row, planar_ + group * input_.group_elements());
    if (operands_.pixels) take_row_norms(block, image);
}

static_assert(kRowNormUnit == 16, "kUnit pairs");

// Of an image's units of pairs, the largest norm among 16 channels.
void GradientChunk::take_row_norms(std::int64_t block, std::int64_t image) {
    const std::int64_t channels = std::min<std::int64_t>(16, operands_.conv.C - 16 * block);
    const std::int16_t* rows = planar_ + 16 * block * input_.channel_elements() + image * input_.image_elements();
    std::uint32_t* norms = norms_ + (image * input_blocks() + block) * image_units();
    vector_ops(products_.isa)
        .row_norms(
            {rows, input_.channel_elements(), channels, 2 * image_pairs(), operands_.dy_bound.non_negative, norms});
}

// The same for all rows of x: a unit's norm is the largest of any.
Chains GradientChunk::chains_of_rows() const {
    const std::int64_t limit = operands_.dy_bound.limit();
    const std::int64_t continued_limit = operands_.dy_bound.continued_limit();
    Chains chains{{}, true};
    std::int64_t left = -1;  // of the last chain's limit
    for (std::int64_t image = 0; image < chunk_.images; ++image) {
        for (std::int64_t unit = 0; unit < image_units(); ++unit) {
            std::int64_t norm = 0;
            for (std::int64_t block = 0; block < input_blocks(); ++block) {
                const std::int64_t at = (image * input_blocks() + block) * image_units() + unit;
                norm = std::max<std::int64_t>(norm, norms_[at]);
            }
            const std::int64_t pairs = std::min(kUnit, image_pairs() - unit * kUnit);
            if (norm > continued_limit) chains.continued = false;
            if (norm > left) {
                left = chains.lengths.empty() ? limit : continued_limit;
                chains.lengths.push_back(0);
            }
            left -= norm;
            chains.lengths.back() += pairs;
        }
    }
    return chains;
}

const std::int16_t* GradientChunk::pixels(std::int64_t block) const {
    const ConvParams& conv = operands_.conv;
    const std::int64_t plane =
        chunk_.first_image * (operands_.blocks.padded() / 16) + operands_.blocks.first(block) / 16;
    return operands_.dy + (plane * conv.P + chunk_.first_row) * conv.Q * 16;
}

// Also takes norms, while what is packed is near.
void GradientChunk::pack_gradient(std::int64_t job) {
    const VectorOps& ops = vector_ops(products_.isa);
    const ConvParams& conv = operands_.conv;
    const LaneBlocks& blocks = operands_.blocks;
    const std::int64_t parts = blocks.padded() / 16;
    const std::int64_t part = job % parts;
    const std::int64_t group = job / parts % conv.groups;
    const std::int64_t image = job / parts / conv.groups;
    const std::int64_t block = 16 * part / blocks.widest;
    const std::int64_t lanes = blocks.lanes(block);
    const std::int64_t lane = 16 * part - blocks.first(block);
    const std::int64_t from = ((chunk_.first_image + image) * conv.groups + group) * parts + part;
    std::int16_t* first = vectors(group).block(block) + 2 * image * image_pairs() * lanes;
    std::int16_t* out = first + 2 * lane;
    for (std::int64_t p = 0; p < chunk_.rows; ++p, out += row_pairs(operands_) * lanes * 2) {
        const std::int16_t* row = operands_.dy + (from * conv.P + chunk_.first_row + p) * conv.Q * 16;
        ops.interleave_rows(row, 16, conv.Q, out, lanes * 2);
    }
    if (conv.accumulation.policy != Policy::exact) return;
    raise_to(largest_norm_,
             write_norms(ops, first, image_pairs(), kUnit, lane, image * image_units(), norms(group, block)));
}

std::vector<Fetcher::Run> GradientChunk::read_by(const Chunk& chunk) const {
    const ConvParams& conv = operands_.conv;
    const std::int64_t top = std::max<std::int64_t>(0, chunk.first_row * conv.stride[0] - conv.pad[0]);
    const std::int64_t end =
        std::min(conv.H, (chunk.first_row + chunk.rows - 1) * conv.stride[0] - conv.pad[0] + conv.R);
    std::vector<Fetcher::Run> runs;
    const auto add = [&](const std::int16_t* from, std::int64_t blocks, std::int64_t height, std::int64_t width,
                         std::int64_t first, std::int64_t rows) {
        const std::int64_t planes = conv.groups * blocks;
        for (std::int64_t plane = 0; plane < chunk.images * planes; ++plane) {
            const std::int64_t row = (chunk.first_image * planes + plane) * height + first;
            runs.push_back({from + row * width * 16, rows * width * 32});
        }
    };
    if (top < end) add(operands_.x, input_blocks(), conv.H, conv.W, top, end - top);
    add(operands_.dy, operands_.blocks.padded() / 16, conv.P, conv.Q, chunk.first_row, chunk.rows);
    return runs;
}

UnitNorms GradientChunk::norms(std::int64_t group, std::int64_t block) const {
    const LaneBlocks& blocks = operands_.blocks;
    const std::int64_t width = operands_.x_bound.non_negative ? 2 : 1;
    const std::int64_t units = chunk_.images * image_units();
    return {blocks.lanes(block), operands_.x_bound.non_negative,
            norms_ + (group * blocks.padded() + blocks.first(block)) * width * units};
}

// Where the order counts, a chain ends with its image.
void GradientChunk::run_chain_job(std::int64_t job) {
    const Accumulation& accumulation = operands_.conv.accumulation;
    Chains& chains = chains_[static_cast<std::size_t>(job)];
    if (operands_.pixels) {
        chains = chains_of_rows();
        return;
    }
    if (accumulation.policy == Policy::exact) {
        chains = certified(job / operands_.blocks.count(), job % operands_.blocks.count());
        return;
    }
    chains.lengths.clear();
    const bool free = any_order(accumulation.policy);
    for (std::int64_t image = 0; image < (free ? 1 : chunk_.images); ++image) {
        const std::vector<std::int64_t> some = chains_of(free ? pairs() : image_pairs(), accumulation);
        chains.lengths.insert(chains.lengths.end(), some.begin(), some.end());
    }
}

Chains GradientChunk::certified(std::int64_t group, std::int64_t block) const {
    const VectorOps& ops = vector_ops(products_.isa);
    const BroadcastBound& bound = operands_.x_bound;
    const bool continued = can_sum_short(products_.isa);
    if (largest_norm_ > (continued ? bound.continued_limit() : bound.limit())) {
        return certified_chains(ops, packed(group, block), pairs(), operands_.blocks.lanes(block), bound, continued);
    }
    std::vector<std::int64_t> units;
    for (std::int64_t image = 0; image < chunk_.images; ++image) {
        units.insert(units.end(), static_cast<std::size_t>(image_units()), kUnit);
        units.back() = image_pairs() - (image_units() - 1) * kUnit;
    }
    return join_units(ops, units, norms(group, block), bound, continued);
}

}  // namespace dfp16::fast
