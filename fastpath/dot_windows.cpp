#include "fastpath/dot_windows.h"

#include <algorithm>
#include <bit>
#include <iterator>

#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/even_piece.h"
#include "fastpath/input_band.h"
#include "fastpath/packing/fetch.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/tile_split.h"

namespace dfp16::fast {

DotWindows::DotWindows(const Products& products, const WindowProduct& product, const std::int16_t* in,
                       WindowResults& results)
    : products_(products),
      product_(product),
      in_(in),
      results_(results),
      blocks_{product.out.group_channels(), widest_lanes(products.isa)},
      weights_(products, product, blocks_) {
    plan_buffer();
    plan_jobs();
}

void DotWindows::plan_buffer() {
    std::int64_t rows = 0;
    for (const TapWindow& window : product_.windows) {
        most_rows_ = std::max(most_rows_, window.rows);
        if (window.pairs.empty()) continue;
        const std::int64_t below = *std::max_element(window.in_rows.begin(), window.in_rows.end());
        const std::int64_t right = *std::max_element(window.in_cols.begin(), window.in_cols.end());
        rows_below_ = std::max(rows_below_, below);
        rows = std::max(rows, (window.rows - 1) * product_.in_step[0] + below + 1);
        row_pixels_ = std::max(row_pixels_, (window.cols - 1) * product_.in_step[1] + right + 1);
    }
    padded_ = product_.before[0] > 0 || product_.before[1] > 0 || rows > product_.in.H || row_pixels_ > product_.in.W ||
              product_.windows[0].pairs.odd_across;
    if (!padded_) row_pixels_ = product_.in.W;
}

// Bands that a core's second-level cache holds, and several jobs a thread.
void DotWindows::plan_jobs() {
    constexpr std::int64_t band_bytes = 512 * 1024;
    const std::int64_t image_groups = product_.in.N * product_.in.groups;
    const std::int64_t wanted = 4 * products_.pool->threads();
    const std::int64_t row_bytes = std::max<std::int64_t>(1, product_.in.group_blocks() * row_pixels_ * 32);
    band_ = std::clamp((band_bytes / row_bytes - rows_below_) / product_.in_step[0], std::int64_t{1}, most_rows_);
    const std::int64_t wanted_bands = (wanted + image_groups - 1) / image_groups;
    band_ = std::min(band_, std::max<std::int64_t>(1, most_rows_ / wanted_bands));
    band_ = even_piece(most_rows_, band_);
    bands_ = (most_rows_ + band_ - 1) / band_;
    range_jobs_ = image_groups * bands_;
    if (products_.pool->threads() > 1 && range_jobs_ >= wanted && weights_.are_few()) {
        weights_.keep_copies();
    } else {
        block_ranges_ = product_.channel_ranges(products_.pool->threads(), wanted, range_jobs_, blocks_.count());
    }
    plane_rows_ = padded_ ? (band_ - 1) * product_.in_step[0] + rows_below_ + 1 : product_.in.H;
    if (can_join_rows()) joined_rows_ = band_;
}

// Rows so short that a tile holds two, whose results are neighbours: tiles take all rows of a band as one.
bool DotWindows::can_join_rows() const {
    const TapWindow& window = product_.windows[0];
    return product_.windows.size() == 1 && window.rows % band_ == 0 && window.cols == product_.out.W &&
           product_.out_step == std::array<std::int64_t, 2>{1, 1} &&
           can_have_runs(products_.isa, product_.accumulation.policy) &&
           2 * window.cols <= largest_tile(products_.isa, widest_lanes(products_.isa), 32 * product_.in_step[1]);
}

void DotWindows::prepare(const std::int16_t* weights, const BroadcastBound& in_bound) {
    const QuantizedResult* quantized = results_.quantized();
    if (quantized != nullptr && can_end_in_mantissas(products_.isa) && product_.accumulation.policy == Policy::exact &&
        product_.out_step[1] == 1 && quantized->headroom > 0 &&
        (quantized->mask == nullptr || quantized->mask_bits != nullptr)) {
        ending_ = {quantized->bias != nullptr, quantized->relu, quantized->mask != nullptr};
    }
    reach_ = results_.expected_reach();
    BroadcastBound bound = in_bound;
    bound.reach = reach_;
    weights_.prepare(weights, bound, {plane_rows_, row_pixels_, joined_rows_, padded_}, ending_);
}

void DotWindows::run() {
    const std::int64_t jobs = range_jobs_ * block_ranges_;
    const std::int64_t buffer = padded_ ? InputBand{product_, plane_rows_, row_pixels_}.elements() : 0;
    ends_in_mantissas_ = can_end_in_mantissas_now();
    const KeptParts<std::int16_t> buffers(Kept::operand, products_.pool->threads(), buffer);
    products_.pool->parallel_for(jobs, [&](std::int64_t job, int thread) { run_job(job, buffers[thread], thread); });
}

// The input rows of a band, from that of window row first_row on.
const std::int16_t* DotWindows::input_band(std::int64_t image_group, std::int64_t first_row,
                                           std::int16_t* buffer) const {
    const std::int64_t top = first_row * product_.in_step[0] - product_.before[0];
    if (!padded_) return in_ + (image_group * product_.in.group_blocks() * product_.in.H + top) * product_.in.W * 16;
    InputBand{product_, plane_rows_, row_pixels_}.copy(in_, image_group, top, buffer);
    return buffer;
}

void DotWindows::start(JobState& state, int thread) const {
    state.thread = thread;
    state.gathered = results_.gathered(thread);
    state.mantissas = tile_mantissas();
    state.mantissas.largest = state.largest;
    state.arguments.mantissas = &state.mantissas;
    state.arguments.sums = state.sums.sums;
    state.arguments.overflow = &state.overflow;
    state.arguments.reach = reach_;
}

void DotWindows::run_job(std::int64_t job, std::int16_t* buffer, int thread) {
    const std::int64_t range = job / range_jobs_;
    const std::int64_t first_row = job % range_jobs_ % bands_ * band_;
    const std::int64_t image_group = job % range_jobs_ / bands_;
    const std::int16_t* band = input_band(image_group, first_row, buffer);
    JobState state;
    start(state, thread);
    std::uint32_t largest = 0;
    const std::int64_t last_block = (range + 1) * blocks_.count() / block_ranges_;
    const std::int64_t first_block = range * blocks_.count() / block_ranges_;
    for (std::int64_t block = first_block; block < last_block; ++block) {
        if (results_.leaves_zeros()) {
            results_.write_zeros(results_.out_block_of(image_group, blocks_.first(block)), blocks_.lanes(block),
                                 first_row, band_);
        }
        for (const PreparedWindow& prepared : weights_.windows()) {
            if (results_.leaves_zeros() && prepared.window->pairs.empty()) continue;
            const std::int64_t rows = std::min(band_, prepared.window->rows - first_row);
            for (std::int64_t row = 0; row < rows; row += joined_rows_) {
                const bool unread = !padded_ && block == first_block && joined_rows_ == 1;
                largest =
                    std::max(largest, run_row(prepared, image_group, block, first_row + row,
                                              band + row * product_.in_step[0] * row_pixels_ * 16, unread, state));
            }
        }
    }
    results_.see(std::max(largest, largest_of(state.largest)));
    // Streamed results are there before the job is done.
    if (results_.streams()) std::atomic_thread_fence(std::memory_order_seq_cst);
}

// Input pixels of a tile, of all channels, at its first tap; a stride may be longer than the row.
void DotWindows::fetch_tile(const std::int16_t* origin, std::int64_t tile) const {
    const std::int64_t pixels = std::min(tile * product_.in_step[1], row_pixels_);
    for (std::int64_t block = 0; block < product_.in.group_blocks(); ++block) {
        fetch(origin + block * plane_rows_ * row_pixels_ * 16, pixels * 16);
    }
}

// The rows of input, counted from a window's first, that a tile meets; others are zeros, if some are left out.
RowRange DotWindows::rows_of_tile(const PreparedWindow& prepared, const TileSplit& split, std::int64_t row,
                                  std::int64_t tile) const {
    if (prepared.row_ranges.empty()) return {};
    const std::int64_t cols = prepared.window->cols;
    const std::int64_t first = row + split.first(tile) / cols;
    const std::int64_t last = row + (split.first(tile) + split.size(tile) - 1) / cols;
    return input_rows_met(product_, *prepared.window, first, last);
}

// How many tiles of one size, from this one on, meet the same rows.
std::int64_t DotWindows::tiles_with(const RowRange& rows, const PreparedWindow& prepared, const TileSplit& split,
                                    std::int64_t row, std::int64_t tile) const {
    const std::int64_t alike = split.alike(tile);
    if (prepared.row_ranges.size() <= 1 || joined_rows_ == 1) return alike;
    std::int64_t tiles = 1;
    while (tiles < alike && rows_of_tile(prepared, split, row, tile + tiles) == rows) ++tiles;
    return tiles;
}

void DotWindows::take_pairs(const PreparedWindow& prepared, std::int64_t group, std::int64_t block,
                            const RowRange& rows, JobState& state) const {
    DotTileArguments& arguments = state.arguments;
    const auto& of_block = prepared.blocks[static_cast<std::size_t>(group * blocks_.count() + block)];
    arguments.vectors = weights_.vectors(prepared, group, block, state.thread);
    arguments.offsets = prepared.offsets.data();
    const auto& ranges = prepared.row_ranges;
    if (ranges.empty()) {
        arguments.chains = of_block.chains.data();
        arguments.chain_count = std::ssize(of_block.chains);
    } else {
        const auto range = std::find(ranges.begin(), ranges.end(), rows) - ranges.begin();
        take_pieces(of_block.pieces.at(static_cast<std::size_t>(range)), blocks_.lanes(block), arguments);
    }
}

std::uint32_t DotWindows::run_row(const PreparedWindow& prepared, std::int64_t image_group, std::int64_t block,
                                  std::int64_t row, const std::int16_t* origin, bool unread, JobState& state) const {
    const std::int64_t group = image_group % product_.in.groups;
    const PreparedBlock& of_block = prepared.blocks[static_cast<std::size_t>(group * blocks_.count() + block)];
    // What is gathered from memory shall be in a cache.
    const bool to_mantissas =
        of_block.short_sums() && ends_in_mantissas_ && !(results_.streams() && state.gathered != nullptr);
    const bool narrower = blocks_.narrower(block);
    const TileSplit& split =
        *PreparedWindow::of(to_mantissas ? prepared.mantissa_splits : prepared.splits, narrower, of_block.kind);
    const std::int64_t out_block = results_.out_block_of(image_group, blocks_.first(block));
    std::uint32_t largest = 0;
    std::optional<RowRange> taken;
    for (std::int64_t tile = 0; tile < split.tiles();) {
        const RowRange rows = rows_of_tile(prepared, split, row, tile);
        if (rows != taken) take_pairs(prepared, group, block, rows, state);
        taken = rows;
        const std::int16_t* pixels = origin + split.offset(tile) / 2;
        state.arguments.broadcast = pixels;
        if (unread) fetch_tile(pixels + split.size(tile) * product_.in_step[1] * 16, split.size(tile));
        const std::int64_t place = results_.place_of(*prepared.window, out_block, row, split.first(tile));
        state.overflow = 0;
        if (to_mantissas && state.arguments.chain_count > 0) {
            // One by one if each fetches the next one's input.
            const std::int64_t tiles = unread ? 1 : tiles_with(rows, prepared, split, row, tile);
            const std::int64_t done = run_to_mantissas(split, tile, tiles, out_block, place, state);
            tile += done;
            if (done > 0) continue;
        } else {
            run_to_sums(split, tile, state);
        }
        const bool left_int32 = of_block.kind == SumKind::checked && state.overflow != 0;
        if (left_int32) run_again(*PreparedWindow::of(prepared.splits, narrower, SumKind::full), tile, state);
        largest =
            std::max(largest, results_.finish(of_block.short_sums() && !left_int32, out_block, place, split.size(tile),
                                              blocks_.lanes(block), state.sums.sums, state.gathered));
        ++tile;
    }
    return largest;
}

void DotWindows::run_to_sums(const TileSplit& split, std::int64_t tile, JobState& state) {
    if (state.arguments.chain_count > 0) return split.run(tile, state.arguments);
    state.sums = {};  // no tap reaches these pixels
}

// In 64 bits, what has left INT32.
void DotWindows::run_again(const TileSplit& full, std::int64_t tile, JobState& state) const {
    full.run(tile, state.arguments);
    if (reach_ < kWidestReach) results_.note_beyond_reach();
}

// Runs tiles of one size that take the same pairs, up to one that overflows, and gathers what batch norm's sums need of
// those before; gives how many left mantissas.
std::int64_t DotWindows::run_to_mantissas(const TileSplit& split, std::int64_t tile, std::int64_t tiles,
                                          std::int64_t out_block, std::int64_t place, JobState& state) const {
    TileMantissas& mantissas = state.mantissas;
    std::int64_t done = 0;
    place_mantissas(out_block, place, mantissas);
    // Of an odd number of rows every second one could not bypass the caches.
    mantissas.tiles = results_.streams() && split.size(tile) % 2 != 0 ? 1 : tiles;
    mantissas.tile_stride = split.tile_stride(tile);
    mantissas.done = &done;
    split.run(tile, state.arguments);
    if (state.gathered != nullptr) {
        gather(out_block, place, done * split.size(tile), state.arguments.lanes, state.gathered);
    }
    return done;
}

// Scales so near 1 that no product of two of them is subnormal or beyond FP32.
bool DotWindows::can_end_in_mantissas_now() const {
    const double scale = results_.scale();
    const float to_mantissa = results_.to_mantissa();
    return ending_ && !results_.keeps_remainders() && scale >= 0x1p-60 && scale <= 0x1p60 && to_mantissa >= 0x1p-60f &&
           to_mantissa <= 0x1p60f;
}

TileMantissas DotWindows::tile_mantissas() const {
    TileMantissas mantissas;
    if (!ending_) return mantissas;
    mantissas.scale = static_cast<float>(results_.scale());
    mantissas.result_to_mantissa = results_.to_mantissa() * (ending_->bias ? 1.0f : mantissas.scale);
    mantissas.part_stride = 2 * results_.part_stride();
    return mantissas;
}

void DotWindows::place_mantissas(std::int64_t out_block, std::int64_t place, TileMantissas& mantissas) const {
    const QuantizedResult& quantized = *results_.quantized();
    mantissas.out = quantized.mantissas + place;
    if (ending_->masked) mantissas.mask_bits = quantized.mask_bits + place / 16;
    if (ending_->bias) mantissas.bias = quantized.bias + 16 * results_.channel_block(out_block);
    mantissas.stream = results_.streams() && reinterpret_cast<std::uintptr_t>(mantissas.out) % 64 == 0 &&
                       mantissas.part_stride % 64 == 0;
}

// What tiles that ended in mantissas have kept: bits of the largest magnitude.
std::uint32_t DotWindows::largest_of(const float* kept) const {
    const float largest = *std::max_element(kept, kept + 16);
    return std::bit_cast<std::uint32_t>(ending_ && !ending_->bias ? largest * static_cast<float>(results_.scale())
                                                                  : largest);
}

void DotWindows::gather(std::int64_t out_block, std::int64_t place, std::int64_t rows, std::int64_t lanes,
                        BlockSums* gathered) const {
    const QuantizedResult& quantized = *results_.quantized();
    for (std::int64_t row = 0; row < rows; row += kMostGatheredRows, place += 16 * kMostGatheredRows) {
        const std::int16_t* factor = quantized.factor != nullptr ? quantized.factor + place : nullptr;
        vector_ops(products_.isa)
            .gather_tile({quantized.mantissas + place, factor, std::min(kMostGatheredRows, rows - row), lanes / 16,
                          results_.part_stride(), gathered + results_.channel_block(out_block)});
    }
}

}  // namespace dfp16::fast
