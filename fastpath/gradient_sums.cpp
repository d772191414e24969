#include "fastpath/gradient_sums.h"

#include <algorithm>

#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/packing/chain_pieces.h"

namespace dfp16::fast {

GradientSums::GradientSums(const Products& products, const GradientOperands& operands, const PlanarInput& input,
                           const Chunk& largest, bool short_sums, bool apart)
    : products_(products),
      conv_(operands.conv),
      policy_(operands.conv.accumulation.policy),
      blocks_(operands.blocks),
      input_(input),
      chunk_(largest),
      short_sums_(short_sums),
      apart_(apart),
      transposed_(operands.transposed),
      pixels_(operands.pixels) {
    plan_lines();
    plan_offsets();
}

// Whether a tile takes all channels at several taps, as neither alone would fill it; where threads share a chunk, they
// need the more jobs.
bool GradientSums::joins_channels() const {
    constexpr std::int64_t most_channels = 7;
    const std::int64_t taps = (conv_.S + conv_.stride[1] - 1) / conv_.stride[1];
    const std::int64_t channels = conv_.C / conv_.groups;
    return channels <= most_channels && (apart_ || products_.pool->threads() == 1) &&
           2 * taps <= largest_tile(products_.isa, blocks_.lanes(0), 2) && can_have_runs(products_.isa, policy_) &&
           2 * channels * input_.channel_elements() <= INT32_MAX;
}

void GradientSums::plan_lines() {
    const std::int64_t channels = conv_.C / conv_.groups;
    const std::int64_t sw = conv_.stride[1];
    const auto taps_of = [&](std::int64_t phase) { return (conv_.S - phase + sw - 1) / sw; };
    if (joins_channels()) {
        for (std::int64_t phase = 0; phase < input_.phases; ++phase) {
            lines_.push_back({0, phase, channels, taps_of(phase), 0, 0, {}, {}});
        }
    } else if (channels >= taps_of(0)) {
        for (std::int64_t s = 0; s < conv_.S; ++s) lines_.push_back({0, s, channels, 1, 0, 0, {}, {}});
    } else {
        for (std::int64_t c = 0; c < channels; ++c) {
            for (std::int64_t phase = 0; phase < input_.phases; ++phase) {
                lines_.push_back({c, phase, 1, taps_of(phase), 0, 0, {}, {}});
            }
        }
    }
    std::int64_t sum = 0;
    for (Line& line : lines_) {
        line.origin = input_.place(line.channel, line.s);
        line.first_sum = sum;
        sum += line.count();
        const bool continued = policy_ == Policy::exact && can_sum_short(products_.isa);
        add_splits(line,
                   short_sums_ ? Spill::at_end_short
                   : continued ? Spill::at_end
                               : Spill::each_chain,
                   line.splits);
        if (continued && !short_sums_) add_splits(line, Spill::each_chain, line.separate);
    }
    constexpr std::int64_t range_elements = 160 * 1024;
    if (lines_[0].taps == 1) {
        const std::int64_t tiles = lines_[0].splits[0][0].tiles();
        ranges_ = std::clamp((input_.group_elements() + range_elements - 1) / range_elements, std::int64_t{1}, tiles);
    }
}

void GradientSums::plan_offsets() {
    const std::int64_t pairs = chunk_.images * chunk_.rows * ((conv_.Q + 1) / 2);
    offsets_.reserve(static_cast<std::size_t>(pixels_ ? 2 * pairs : pairs));
    for (std::int64_t image = 0; image < chunk_.images; ++image) {
        for (std::int64_t p = 0; p < chunk_.rows; ++p) {
            const std::int64_t row = image * input_.image_elements() + p * input_.row_step * input_.row_elements;
            const std::int64_t pixel = (image * (blocks_.padded() / 16) * conv_.P + p) * conv_.Q;
            for (std::int64_t q = 0; q < conv_.Q; q += 2) {
                offsets_.push_back(2 * (row + q));
                if (pixels_) offsets_.push_back(32 * (pixel + std::min(q, conv_.Q - 2)));
            }
        }
    }
}

void GradientSums::add_splits(const Line& line, Spill spill, Line::Splits& splits) const {
    DotTileShape shape{.isa = products_.isa,
                       .policy = policy_,
                       .stride = line.taps == 1 ? 2 * input_.channel_elements() : 2,
                       .fetches = fetches(),
                       .pixels = pixels_,
                       .spill = spill};
    if (line.taps > 1 && line.channels > 1) {
        shape.run = static_cast<int>(line.taps);
        shape.run_stride = 2 * input_.channel_elements();
    }
    for (const bool fresh : {false, true}) {
        for (const std::int64_t block : {std::int64_t{0}, blocks_.count() - 1}) {
            shape.fresh = fresh;
            shape.lanes = blocks_.lanes(block);
            splits[fresh].emplace_back(shape, line.count());
        }
    }
}

std::int64_t GradientSums::count() const {
    return conv_.groups * blocks_.padded() * conv_.R * conv_.S * (conv_.C / conv_.groups);
}

std::int64_t GradientSums::place(std::int64_t group, std::int64_t block, std::int64_t r, std::int64_t sum) const {
    const std::int64_t row_sums = conv_.C / conv_.groups * conv_.S;
    const std::int64_t rows_before = (group * blocks_.padded() + blocks_.first(block)) * conv_.R * row_sums;
    return rows_before + (r * row_sums + sum) * blocks_.lanes(block);
}

// If x and dy have changed places.
std::int64_t GradientSums::place_in_dw(std::int64_t group, std::int64_t block, std::int64_t sum) const {
    return (group * (conv_.C / conv_.groups) + sum) * blocks_.channels + blocks_.first(block);
}

std::int64_t GradientSums::jobs() const {
    return conv_.groups * ranges_ * static_cast<std::int64_t>(lines_.size()) * conv_.R * blocks_.count();
}

bool GradientSums::fetches() const {
    constexpr std::int64_t most_bytes = 640 * 1024;  // beside the chunk that is summed, in a second-level cache
    const std::int64_t bytes = 2 * chunk_.images * chunk_.rows * conv_.Q * (conv_.C + conv_.K);
    return apart_ && can_sum_short(products_.isa) && conv_.R == 1 && conv_.S == 1 && bytes <= most_bytes;
}

std::int64_t GradientSums::tiles() const {
    std::int64_t tiles = 0;
    for (const Line& line : lines_) {
        tiles += (blocks_.count() - 1) * line.splits[0][0].tiles() + line.splits[0][1].tiles();
    }
    return conv_.groups * conv_.R * tiles;
}

std::uint32_t GradientSums::run_job(std::int64_t job, const GradientChunk& chunk, void* sums, bool first,
                                    const Results* results, Fetcher* fetcher) const {
    if (left_int32_) return 0;
    const auto lines = static_cast<std::int64_t>(lines_.size());
    // All taps one after the other: they share a range of x, and all ranges a block of dy.
    const std::int64_t r = job % conv_.R;
    const Line& line = lines_[static_cast<std::size_t>(job / conv_.R % lines)];
    const std::int64_t range = job / conv_.R / lines % ranges_;
    const std::int64_t block = job / conv_.R / lines / ranges_ % blocks_.count();
    const std::int64_t group = job / conv_.R / lines / ranges_ / blocks_.count();
    const Chains& chains = chunk.chains(group, block);
    DotTileArguments arguments;
    arguments.offsets = offsets_.data();
    arguments.chains = chains.lengths.data();
    arguments.chain_count = static_cast<std::int64_t>(chains.lengths.size());
    arguments.vectors = chunk.packed(group, block);
    ChainPieces pieces;
    const RowRange rows = chunk.output_rows_met(r);
    if (leaves_out_rows(line) && rows != chunk.all_rows()) {
        take_rows(rows, chains.lengths, chunk.runs_around(rows), pieces);
        take_pieces(pieces, blocks_.lanes(block), arguments);
    }
    arguments.part_stride = 32 * conv_.P * conv_.Q;
    arguments.broadcast = chunk.planar(group) + line.origin + r * input_.row_elements;
    return sum_range(line, group, block, r, range, chains.continued, arguments, sums, first, results, fetcher);
}

// To find what is left takes as long as a few sums of it.
bool GradientSums::leaves_out_rows(const Line& line) const {
    constexpr std::int64_t fewest_sums = 8;
    return !pixels_ && line.count() >= fewest_sums && can_leave_out_zeros(products_.isa, policy_);
}

std::uint32_t GradientSums::finish(const FinishArguments& arguments) const {
    return short_sums_ ? vector_ops(products_.isa).finish_exact_short(arguments)
                       : fast::finish(products_.isa, policy_, arguments);
}

// Whether the tile's sums hold.
bool GradientSums::run_tile(const Line& line, bool first, bool last_block, std::int64_t tile, bool continued,
                            const DotTileArguments& arguments) const {
    const TileSplit& split = line.splits[first][last_block ? 1 : 0];
    if (arguments.chain_count == 0) {  // no pixel meets this tap
        const std::int64_t sums = split.size(tile) * blocks_.lanes(last_block ? blocks_.count() - 1 : 0);
        if (first) std::fill_n(static_cast<char*>(arguments.sums), sums * bytes(), char{0});
        return true;
    }
    std::uint32_t overflow = 0;
    DotTileArguments checked = arguments;
    checked.overflow = &overflow;
    if (line.separate[first].empty()) {
        if (short_sums_ && !continued) return false;
        split.run(tile, checked);
        return overflow == 0;
    }
    if (continued) split.run(tile, checked);
    if (!continued || overflow != 0) line.separate[first][last_block ? 1 : 0].run(tile, checked);
    return true;
}

// `arguments.broadcast` is that of the line's first tile.
std::uint32_t GradientSums::sum_range(const Line& line, std::int64_t group, std::int64_t block, std::int64_t r,
                                      std::int64_t range, bool continued, DotTileArguments arguments, void* sums,
                                      bool first, const Results* results, Fetcher* fetcher) const {
    const TileSplit& split = line.splits[first][block + 1 < blocks_.count() ? 0 : 1];
    const std::int16_t* origin = arguments.broadcast;
    const std::int64_t lanes = blocks_.lanes(block);
    const std::int64_t end = split.tiles() * (range + 1) / ranges_;
    TileSums of_tile;
    std::uint32_t largest = 0;
    for (std::int64_t tile = split.tiles() * range / ranges_; tile < end; ++tile) {
        const std::int64_t first_sum = place(group, block, r, line.first_sum + split.first(tile));
        arguments.broadcast = origin + split.offset(tile) / 2;
        const char* fetched = fetcher == nullptr ? nullptr : fetcher->next();
        arguments.fetch = fetched != nullptr ? fetched : reinterpret_cast<const char*>(arguments.vectors);
        arguments.sums = first && results != nullptr ? static_cast<void*>(of_tile.sums)
                                                     : static_cast<char*>(sums) + first_sum * bytes();
        if (!run_tile(line, first, block + 1 == blocks_.count(), tile, continued, arguments)) {
            left_int32_ = true;
            return 0;
        }
        if (results == nullptr) continue;
        FinishArguments finishing{
            arguments.sums, split.size(tile), lanes, lanes, results->scale, results->results + first_sum, lanes, false};
        if (writes_in_place()) {
            finishing.count = blocks_.used(block);
            finishing.out = results->results + place_in_dw(group, block, split.first(tile));
            finishing.out_stride = blocks_.channels;
        }
        largest = std::max(largest, finish(finishing));
    }
    return largest;
}

std::pair<std::int64_t, std::int64_t> GradientSums::sums_of_block(std::int64_t block) const {
    const std::int64_t lane_block = block % blocks_.count();
    const std::int64_t sums = conv_.R * conv_.S * (conv_.C / conv_.groups);
    return {place(block / blocks_.count(), lane_block, 0, 0), sums * blocks_.lanes(lane_block)};
}

std::uint32_t GradientSums::finish_block(std::int64_t block, const void* sums, const Results& results) const {
    const std::int64_t group = block / blocks_.count();
    const std::int64_t lane_block = block % blocks_.count();
    return finish({static_cast<const char*>(sums) + sums_of_block(block).first * bytes(), conv_.C / conv_.groups,
                   blocks_.lanes(lane_block), blocks_.used(lane_block), results.scale,
                   results.results + place_in_dw(group, lane_block, 0), blocks_.channels, false});
}

// From [r][c or s][lanes] to (K, C, R, S): 16 taps of 16 lanes at a time.
void GradientSums::write(const std::uint32_t* results, std::uint32_t* dw) const {
    const std::int64_t channels = conv_.C / conv_.groups;
    const std::int64_t taps = conv_.R * conv_.S;
    const std::int64_t channels_a_job = std::clamp<std::int64_t>(1024 / taps, 1, 256);
    const std::int64_t chunks = (channels + channels_a_job - 1) / channels_a_job;
    std::vector<std::int64_t> sums(static_cast<std::size_t>(channels * conv_.S));  // of (c, s) among a row's
    for (const Line& line : lines_) {
        for (std::int64_t i = 0; i < line.count(); ++i) {
            const std::int64_t c = line.channel + i / line.taps;
            const std::int64_t s = line.s + i % line.taps * conv_.stride[1];
            sums[static_cast<std::size_t>(c * conv_.S + s)] = line.first_sum + i;
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
                rows[i] = results + place(group, block, r, sum);
            }
            for (std::int64_t lane = 0; lane < blocks_.used(block); lane += 16) {
                const std::int64_t lanes = std::min<std::int64_t>(16, blocks_.used(block) - lane);
                ops.transpose_results(rows, count, lane, lanes, dw + (first_k + lane) * channels * taps + tap,
                                      channels * taps);
            }
        }
    });
}

}  // namespace dfp16::fast
