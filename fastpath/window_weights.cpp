#include "fastpath/window_weights.h"

#include <algorithm>
#include <span>
#include <utility>

#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/pack_taps.h"

namespace dfp16::fast {

bool WindowWeights::are_few() const {
    constexpr std::int64_t most_bytes = 320 * 1024;  // of a second-level cache, beside the input and the results
    constexpr std::int64_t fewest_pixels = 96;       // a thread
    const Activation& out = product_.out;
    const std::int64_t weights = product_.in.groups * blocks_.padded() * product_.in.group_channels();
    return 2 * weights * product_.weight_taps <= most_bytes &&
           out.N * out.H * out.W >= fewest_pixels * products_.pool->threads();
}

void WindowWeights::prepare(const std::int16_t* weights, const BroadcastBound& in_bound, const WindowPlane& plane,
                            const std::optional<MantissaEnding>& ending) {
    plan_windows(plane);
    copies_ == 1 ? pack(weights, in_bound) : pack_copies(weights, in_bound);
    for (PreparedWindow& prepared : windows_) prepare_tables(prepared, plane, ending);
}

void WindowWeights::plan_windows(const WindowPlane& plane) {
    std::int64_t elements = 0;  // of a copy
    windows_.reserve(product_.windows.size());
    for (const TapWindow& window : product_.windows) {
        PreparedWindow& prepared = windows_.emplace_back();
        prepared.window = &window;
        prepared.row_runs = row_runs(window, plane);
        if (!prepared.row_runs.empty()) prepared.row_ranges = row_ranges(window, plane);
        for (std::int64_t group = 0; group < product_.in.groups; ++group) {
            prepared.weights.push_back({nullptr, window.pairs.size(), blocks_});
            elements += prepared.weights.back().elements();
        }
        prepared.blocks.resize(static_cast<std::size_t>(product_.in.groups * blocks_.count()));
    }
    const KeptParts<std::int16_t> copies(Kept::vectors, copies_, elements);
    copy_elements_ = copies.stride();
    std::int16_t* data = copies[0];
    for (PreparedWindow& prepared : windows_) {
        for (PackedVectors& packed : prepared.weights) {
            packed.data = data;
            data += packed.elements();
        }
    }
}

std::vector<RowRun> WindowWeights::row_runs(const TapWindow& window, const WindowPlane& plane) const {
    std::vector<RowRun> runs;
    if (!plane.padded || window.pairs.empty() || !can_leave_out_zeros(products_.isa, product_.accumulation.policy)) {
        return runs;
    }
    std::vector<EndRows> ends(window.in_cols.size());
    if (leaves_out_columns(products_.isa, product_, window)) {
        std::transform(window.in_cols.begin(), window.in_cols.end(), ends.begin(),
                       [&](std::int64_t col) { return columns_of_zeros(product_, window, col); });
    }
    for (std::int64_t block = 0; block < window.pairs.blocks(); ++block) {
        for (const std::int64_t row : window.in_rows) {
            for (std::size_t col = 0; col < ends.size(); ++col) {
                const std::int64_t pairs = window.pairs.tap_pairs(block, col);
                if (col > 0 && ends[col] == runs.back().ends) {
                    runs.back().pairs += pairs;
                } else {
                    runs.push_back({row, pairs, ends[col]});
                }
            }
        }
    }
    const std::int64_t last_origin = (window.rows - 1) * product_.in_step[0] - product_.before[0];
    const bool reaches_zeros = std::any_of(runs.begin(), runs.end(), [&](const RowRun& run) {
        return run.ends != 0 || run.row < product_.before[0] || last_origin + run.row >= product_.in.H;
    });
    if (!reaches_zeros) runs.clear();
    return runs;
}

std::vector<RowRange> WindowWeights::row_ranges(const TapWindow& window, const WindowPlane& plane) const {
    const int fewest_lanes = blocks_.lanes(blocks_.count() - 1);
    const std::int64_t most_rows = largest_tile(products_.isa, fewest_lanes, 32 * product_.in_step[1]) / window.cols;
    const std::int64_t together = std::clamp<std::int64_t>(most_rows, 1, plane.joined_rows);
    std::vector<RowRange> ranges;
    for (std::int64_t first = 0; first < window.rows; ++first) {
        const std::int64_t end = std::min(window.rows, first + together);
        for (std::int64_t last = first; last < end; ++last) {
            const RowRange met = input_rows_met(product_, window, first, last);
            if (std::find(ranges.begin(), ranges.end(), met) == ranges.end()) ranges.push_back(met);
        }
    }
    return ranges;
}

// Packs all weights, and finds the chains of each lane block. Few lane blocks are cut, so that every thread has its
// share.
void WindowWeights::pack(const std::int16_t* weights, const BroadcastBound& in_bound) {
    const std::int64_t blocks = product_.in.groups * blocks_.count();
    const std::int64_t of_windows = static_cast<std::int64_t>(windows_.size()) * blocks;
    const std::int64_t channels = product_.in.group_blocks();
    const std::int64_t wanted = 2 * products_.pool->threads();
    const std::int64_t pieces = std::clamp<std::int64_t>(wanted / of_windows, 1, channels);
    const auto for_blocks = [&](std::int64_t parts, const auto& body) {
        products_.pool->parallel_for(of_windows * parts, [&](std::int64_t job, int) {
            const std::int64_t of_window = job / parts % blocks;
            body(windows_[static_cast<std::size_t>(job / parts / blocks)], of_window / blocks_.count(),
                 of_window % blocks_.count(), job % parts);
        });
    };
    for_blocks(pieces, [&](PreparedWindow& prepared, std::int64_t group, std::int64_t block, std::int64_t piece) {
        pack_block(weights, prepared, group, block, {piece * channels / pieces, (piece + 1) * channels / pieces}, 0);
        if (pieces == 1) find_chains(prepared, group, block, 0, in_bound);
    });
    if (pieces == 1) return;
    for_blocks(1, [&](PreparedWindow& prepared, std::int64_t group, std::int64_t block, std::int64_t) {
        find_chains(prepared, group, block, 0, in_bound);
    });
}

void WindowWeights::pack_block(const std::int16_t* weights, const PreparedWindow& prepared, std::int64_t group,
                               std::int64_t block, const ChannelBlocks& channels, std::int64_t copy) const {
    pack_taps(vector_ops(products_.isa), product_.plain_weights(weights, group, 0), prepared.window->pairs, channels,
              block, packed(prepared, group, copy));
}

// Each thread packs all, and finds the chains of its share of the lane blocks.
void WindowWeights::pack_copies(const std::int16_t* weights, const BroadcastBound& in_bound) {
    products_.pool->parallel_for(copies_, [&](std::int64_t copy, int) {
        std::int64_t turn = copy;
        for (PreparedWindow& prepared : windows_) {
            for (std::int64_t group = 0; group < product_.in.groups; ++group) {
                for (std::int64_t block = 0; block < blocks_.count(); ++block, ++turn) {
                    pack_block(weights, prepared, group, block, {0, prepared.window->pairs.blocks()}, copy);
                    if (turn % copies_ == 0) find_chains(prepared, group, block, copy, in_bound);
                }
            }
        }
    });
}

void WindowWeights::find_chains(PreparedWindow& prepared, std::int64_t group, std::int64_t block, std::int64_t copy,
                                const BroadcastBound& in_bound) {
    const PackedVectors packed = this->packed(prepared, group, copy);
    PreparedBlock& of_block = prepared.blocks[static_cast<std::size_t>(group * blocks_.count() + block)];
    if (product_.accumulation.policy == Policy::exact && packed.pairs > 0 &&
        2 * packed.pairs * product_.largest_weight <= in_bound.limit()) {
        of_block.chains = {packed.pairs};  // no norm is larger
        of_block.kind = SumKind::one_chain;
    } else if (product_.accumulation.policy == Policy::exact) {
        Chains chains = certified_chains(vector_ops(products_.isa), packed.block(block), packed.pairs,
                                         blocks_.lanes(block), in_bound, can_sum_short(products_.isa));
        of_block.chains = std::move(chains.lengths);
        if (of_block.chains.size() == 1) of_block.kind = SumKind::one_chain;
        if (of_block.chains.size() > 1 && chains.continued) of_block.kind = SumKind::checked;
    } else {
        const std::vector<std::int64_t> lengths = chains_of(prepared.window->pairs, product_.accumulation);
        of_block.chains.assign(lengths.begin(), lengths.end());
    }
    of_block.pieces.resize(prepared.row_ranges.size());
    for (std::size_t i = 0; i < of_block.pieces.size(); ++i) {
        take_rows(prepared.row_ranges[i], of_block.chains, prepared.row_runs, of_block.pieces[i]);
    }
    std::atomic<bool>& seen = has_kind_[static_cast<std::size_t>(of_block.kind)];
    if (!seen) seen = true;
}

void WindowWeights::prepare_tables(PreparedWindow& prepared, const WindowPlane& plane,
                                   const std::optional<MantissaEnding>& ending) const {
    prepare_offsets(prepared, plane);
    const std::int64_t last = blocks_.count() - 1;
    for (const bool narrower : {false, true}) {
        if (narrower && !blocks_.narrower(last)) continue;
        const int lanes = blocks_.lanes(narrower ? last : 0);
        const std::int64_t tile_rows = rows_together(prepared, plane, lanes);
        for (const SumKind kind : {SumKind::full, SumKind::one_chain, SumKind::checked}) {
            const bool for_checked = kind == SumKind::full && has(SumKind::checked);
            if (!has(kind) && !for_checked) continue;
            const auto i = static_cast<std::size_t>(kind);
            prepared.splits[narrower][i].emplace(split(prepared, plane, lanes, tile_rows, kind, std::nullopt));
            if (!ending || kind == SumKind::full) continue;
            prepared.mantissa_splits[narrower][i].emplace(split(prepared, plane, lanes, tile_rows, kind, ending));
        }
    }
}

void WindowWeights::prepare_offsets(PreparedWindow& prepared, const WindowPlane& plane) const {
    const TapWindow& window = *prepared.window;
    prepared.offsets.resize(static_cast<std::size_t>(window.pairs.size()));
    std::int64_t* offset = prepared.offsets.data();
    for (std::int64_t block = 0; block < window.pairs.blocks(); ++block) {
        const std::int64_t first_pixel = block * plane.rows * plane.row_pixels;
        for (const std::int64_t row : window.in_rows) {
            for (std::size_t col = 0; col < window.in_cols.size(); ++col) {
                const std::int64_t pixel = first_pixel + row * plane.row_pixels + window.in_cols[col];
                const std::int64_t pairs = window.pairs.tap_pairs(block, col);
                for (std::int64_t pair = 0; pair < pairs; ++pair) *offset++ = 2 * (16 * pixel + 2 * pair);
            }
        }
    }
}

// Joined rows of a tile: as many as fit or fewer, of which each leaves out more zeros.
std::int64_t WindowWeights::rows_together(const PreparedWindow& prepared, const WindowPlane& plane, int lanes) const {
    const std::int64_t stride = 32 * product_.in_step[1];
    const std::int64_t most =
        std::max<std::int64_t>(1, largest_tile(products_.isa, lanes, stride) / prepared.window->cols);
    if (plane.joined_rows == 1 || prepared.row_runs.empty()) return most;
    std::int64_t best = most;
    for (std::int64_t rows = most - 1; rows > 0; --rows) {
        if (cycles(prepared, plane, lanes, rows) < cycles(prepared, plane, lanes, best)) best = rows;
    }
    return best;
}

// What the tiles of a band of joined rows take, about, if a tile has so many. Two multiplications, or loads, a cycle;
// and a sum goes on after `latency`. Blocks of channels are alike.
std::int64_t WindowWeights::cycles(const PreparedWindow& prepared, const WindowPlane& plane, int lanes,
                                   std::int64_t tile_rows) const {
    constexpr std::int64_t latency = 5;
    constexpr std::int64_t of_tile = 60;
    const TapWindow& window = *prepared.window;
    const std::int64_t blocks = window.pairs.blocks();
    const std::span of_block = std::span(prepared.row_runs).first(prepared.row_runs.size() / blocks);
    const std::int64_t tiles = (plane.joined_rows + tile_rows - 1) / tile_rows;
    std::int64_t all = 0;
    for (std::int64_t row = 0; row < window.rows; row += plane.joined_rows) {
        for (std::int64_t tile = 0; tile < tiles; ++tile) {
            const std::int64_t first = row + plane.joined_rows * tile / tiles;
            const std::int64_t end = row + plane.joined_rows * (tile + 1) / tiles;
            const RowRange met = input_rows_met(product_, window, first, end - 1);
            all += of_tile;
            for (const RowRun& run : of_block) {
                if (run.row < met.first || run.row >= met.end) continue;
                const std::int64_t pixels = (end - first) * (window.cols - rows_left_out(run.ends));
                const std::int64_t dots = pixels * lanes / 16;
                all += blocks * run.pairs * std::max({latency, dots / 2, (pixels + lanes / 16) / 2});
            }
        }
    }
    return all;
}

TileSplit WindowWeights::split(const PreparedWindow& prepared, const WindowPlane& plane, int lanes,
                               std::int64_t tile_rows, SumKind kind,
                               const std::optional<MantissaEnding>& ending) const {
    DotTileShape shape;
    shape.isa = products_.isa;
    shape.policy = kind == SumKind::one_chain ? Policy::wrap : product_.accumulation.policy;
    shape.lanes = lanes;
    shape.stride = 32 * product_.in_step[1];
    if (plane.joined_rows > 1) {
        shape.run = static_cast<int>(prepared.window->cols);
        shape.run_stride = 32 * plane.row_pixels * product_.in_step[0];
    }
    for (const RowRun& run : prepared.row_runs) {
        int& most = run.ends <= kMostEndRows ? shape.first_rows : shape.last_rows;
        most = std::max(most, rows_left_out(run.ends));
    }
    shape.fresh = true;
    shape.spill = kind == SumKind::checked ? Spill::at_end_short : Spill::each_chain;
    shape.ending = ending;
    const std::int64_t cols = prepared.window->cols;
    return {shape, cols * plane.joined_rows, cols * tile_rows};
}

}  // namespace dfp16::fast
