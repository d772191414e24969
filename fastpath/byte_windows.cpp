#include "fastpath/byte_windows.h"

#include <algorithm>
#include <atomic>

#include "fastpath/byte_tile/tile_costs.h"
#include "fastpath/even_piece.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/pack_taps.h"

namespace dfp16::fast {

namespace {

/// From so many steps on, reading weights costs more than keeping sums of several tiles.
constexpr std::int64_t kManySteps = 24;

/// Sums of a group of tiles, for one block of lanes.
struct alignas(64) GroupSums {
    std::int64_t wide[kTilesTogether * kByteTileRows * kByteTileLanes];
    std::int32_t narrow[kTilesTogether * kByteTileRows * kByteTileLanes];
};

// Places of the taps of one group of channels, in the order of the window's pairs.
std::vector<std::int64_t> tap_places(const BytePlanes& planes, const TapWindow& window) {
    std::vector<std::int64_t> taps;
    for (const std::int64_t row : window.in_rows) {
        for (const std::int64_t col : window.in_cols) taps.push_back(planes.offset(row, col));
    }
    return taps;
}

// Where the steps of one group of channels begin: each meets the pixels of one tap, and, where these are shorter than a
// step, of taps that are its neighbours.
std::vector<std::int64_t> group_steps(std::vector<std::int64_t> taps) {
    std::sort(taps.begin(), taps.end());
    std::vector<std::int64_t> steps;
    for (const std::int64_t tap : taps) {
        if (steps.empty() || tap >= steps.back() + kByteStep) steps.push_back(tap);
    }
    return steps;
}

// Pairs that dot tiles sum for an output pixel, on average: those whose row of taps is within the input, and whose
// column, where columns are left out.
std::int64_t pairs_within(const Products& products, const WindowProduct& product, const TapWindow& window) {
    std::int64_t rows_within = 0;
    for (std::int64_t row = 0; row < window.rows; ++row) rows_within += tap_rows_met(product, window, row, row);
    const bool odd_across = pairs_odd_channel(product);
    std::int64_t left_out = 0;
    if (!odd_across && leaves_out_columns(products.isa, product, window)) {
        for (const std::int64_t col : window.in_cols) left_out += rows_left_out(columns_of_zeros(product, window, col));
    }
    const std::int64_t taps_of_rows = window.rows * static_cast<std::int64_t>(window.in_rows.size());
    const std::int64_t taps_of_cols = window.cols * static_cast<std::int64_t>(window.in_cols.size());
    return window.pairs.size(odd_across) * rows_within * (taps_of_cols - left_out) / (taps_of_rows * taps_of_cols);
}

bool can_use_byte_tiles(const Products& products, const WindowProduct& product) {
    if (products.isa < Isa::amx || product.accumulation.policy != Policy::exact) return false;
    return std::all_of(product.windows.begin(), product.windows.end(),
                       [](const TapWindow& window) { return 2 * window.pairs.size() <= kMostProducts; });
}

}  // namespace

// Beside what tile_costs.h says: to split an input channel's 16 pixels, of which all lanes have their share, and to
// pack a weight, of which all pixels have theirs.
bool prefers_byte_tiles(const Products& products, const WindowProduct& product) {
    constexpr std::int64_t split_cost = 83, byte_weight_cost = 3, dot_weight_cost = 2;
    if (!can_use_byte_tiles(products, product)) return false;
    if (products.always_byte_tiles) return true;
    BytePlanes planes(product, nullptr);
    planes.set_size(1, product.windows[0].rows);
    const std::int64_t channels = product.in.group_channels() * planes.phases();
    std::int64_t bytes = split_cost * channels / product.out.group_channels();
    std::int64_t dots = 0;
    for (const TapWindow& window : product.windows) {
        const std::int64_t pixels = product.out.N * window.rows * window.cols;
        if (pixels == 0 || window.pairs.empty()) continue;
        const std::int64_t weights = 2 * window.pairs.size() * 256 / pixels;
        const auto steps = static_cast<std::int64_t>(group_steps(tap_places(planes, window)).size());
        const std::int64_t tile = kByteEndCost + kStepCost * planes.channel_groups() * steps;
        // With what falls between rows, which dot tiles do not sum; they leave out zeros around the input.
        bytes += tile * planes.row_pixels() / window.cols + byte_weight_cost * weights;
        dots += kDotEndCost + kPairCost * pairs_within(products, product, window) + dot_weight_cost * weights;
    }
    return favours_byte_tiles(bytes, dots);
}

ByteWindows::ByteWindows(const Products& products, const WindowProduct& product, const std::int16_t* in,
                         WindowResults& results)
    : products_(products),
      product_(product),
      results_(results),
      ops_(kByteOpsAmx),
      planes_(product, in),
      blocks_((product.out.group_channels() + kByteTileLanes - 1) / kByteTileLanes) {
    plan_jobs();
    plan_windows();
}

// Planes that a second-level cache holds beside weights, and several jobs a thread.
void ByteWindows::plan_jobs() {
    constexpr std::int64_t most_bytes = 640 * 1024;
    std::int64_t rows = 1;
    for (const TapWindow& window : product_.windows) rows = std::max(rows, window.rows);
    const std::int64_t images = product_.in.N;
    const std::int64_t wanted = 4 * products_.pool->threads();
    planes_.set_size(1, 1);
    const std::int64_t of_first_row = planes_.bytes();
    planes_.set_size(1, 2);
    const std::int64_t of_row = planes_.bytes() - of_first_row;
    band_ = std::clamp<std::int64_t>((most_bytes - of_first_row) / of_row + 1, 1, rows);
    const std::int64_t image_groups = images * product_.in.groups;
    band_ = std::min(band_, std::max<std::int64_t>(1, rows / ((wanted + image_groups - 1) / image_groups)));
    band_ = even_piece(rows, band_);
    bands_ = (rows + band_ - 1) / band_;
    if (bands_ == 1) {
        planes_.set_size(1, band_);
        images_ = std::clamp<std::int64_t>(most_bytes / planes_.bytes(), 1, images);
        images_ = std::min(images_, std::max<std::int64_t>(1, image_groups / wanted));
    }
    image_chunks_ = (images + images_ - 1) / images_;
    range_jobs_ = image_chunks_ * product_.in.groups * bands_;
    block_ranges_ = product_.channel_ranges(products_.pool->threads(), wanted, range_jobs_, blocks_);
    planes_.set_size(images_, band_);
}

void ByteWindows::plan_windows() {
    for (const TapWindow& window : product_.windows) {
        Window& planned = windows_.emplace_back();
        planned.window = &window;
        const std::int64_t last_images = product_.in.N - (image_chunks_ - 1) * images_;
        for (const std::int64_t images : {images_, last_images}) {
            for (const std::int64_t rows : {std::min(band_, window.rows), window.rows - (bands_ - 1) * band_}) {
                tilings_.push_back(byte_tiling(product_, window, images, std::max<std::int64_t>(rows, 0),
                                               planes_.row_pixels(), planes_.image_pixels()));
            }
        }
        plan_steps(planned);
    }
}

void ByteWindows::plan_steps(Window& window) const {
    const std::vector<std::int64_t> taps = tap_places(planes_, *window.window);
    const std::vector<std::int64_t> steps = group_steps(taps);
    for (const std::int64_t tap : taps) {
        const auto step = std::upper_bound(steps.begin(), steps.end(), tap) - steps.begin() - 1;
        window.places.push_back(step * kByteVectors + (tap - steps[static_cast<std::size_t>(step)]) * kByteTileLanes);
    }
    for (std::int64_t group = 0; group < planes_.channel_groups(); ++group) {
        for (const std::int64_t step : steps) window.offsets.push_back(planes_.group_offset(group) + step);
    }
}

const ByteTiling& ByteWindows::tiling(std::size_t window, const Job& job) const {
    const bool last_images = job.first_image + images_ >= product_.in.N;
    const bool last_band = job.first_row + band_ >= bands_ * band_;
    return tilings_[4 * window + 2 * (last_images ? 1 : 0) + (last_band ? 1 : 0)];
}

void ByteWindows::prepare(const std::int16_t* weights) {
    const std::int64_t group_blocks = product_.in.groups * blocks_;
    std::int64_t steps = 0;
    for (const Window& window : windows_) steps += window.steps();
    auto* bytes = kept<std::uint8_t>(Kept::vectors, steps * group_blocks * kByteVectors);
    for (Window& window : windows_) {
        window.weights = bytes;
        bytes += window.steps() * group_blocks * kByteVectors;
    }
    products_.pool->parallel_for(static_cast<std::int64_t>(windows_.size()) * group_blocks, [&](std::int64_t job, int) {
        const Window& window = windows_[static_cast<std::size_t>(job / group_blocks)];
        pack_block(window, job % group_blocks / blocks_, job % blocks_, weights);
    });
}

// As pairs first, block by block of 16 summed channels, tap by tap.
void ByteWindows::pack_block(const Window& window, std::int64_t group, std::int64_t block,
                             const std::int16_t* weights) const {
    const std::int64_t channels = product_.in.group_channels();
    const std::int64_t first_lane = block * kByteTileLanes;
    const std::int64_t lanes = std::min<std::int64_t>(kByteTileLanes, product_.out.group_channels() - first_lane);
    const TapPairs& pairs = window.window->pairs;
    PackedVectors packed{nullptr, pairs.size(), {lanes, kByteTileLanes}};
    packed.data = kept<std::int16_t>(Kept::packed_block, packed.elements());
    const PlainWeights plain = product_.plain_weights(weights, group, first_lane);
    pack_taps(vector_ops(products_.isa), plain, pairs, {0, pairs.blocks()}, 0, packed);

    std::uint8_t* out = window.weights + (group * blocks_ + block) * window.steps() * kByteVectors;
    const std::int64_t group_bytes = window.steps() / planes_.channel_groups() * kByteVectors;
    if (channels % kByteStep != 0) std::fill_n(out, window.steps() * kByteVectors, std::uint8_t{0});
    const std::int16_t* from = packed.data;
    for (std::int64_t channel = 0; channel < channels; channel += 16) {
        const std::int64_t of_block = (std::min<std::int64_t>(channels - channel, 16) + 1) / 2;
        std::uint8_t* of_channels =
            out + channel / planes_.pixel_bytes() * group_bytes + channel % planes_.pixel_bytes() * kByteTileLanes;
        for (const std::int64_t place : window.places) {
            ops_.split_pairs(from, of_block, of_channels + place);
            from += of_block * 2 * kByteTileLanes;
        }
    }
}

void ByteWindows::run() {
    const std::int64_t jobs = range_jobs_ * block_ranges_;
    const KeptParts<std::uint8_t> bytes(Kept::operand, products_.pool->threads(), planes_.bytes());
    products_.pool->parallel_for(
        jobs, [&](std::int64_t job, int thread) { run_job(job, bytes[thread], results_.gathered(thread)); });
}

ByteWindows::Job ByteWindows::job_of(std::int64_t index) const {
    Job job{};
    const std::int64_t of_range = index % range_jobs_;
    job.range = index / range_jobs_;
    job.first_row = of_range % bands_ * band_;
    job.group = of_range / bands_ % product_.in.groups;
    job.first_image = of_range / bands_ / product_.in.groups * images_;
    job.images = std::min(images_, product_.in.N - job.first_image);
    job.rows = band_;
    return job;
}

void ByteWindows::run_job(std::int64_t index, std::uint8_t* bytes, BlockSums* gathered) {
    const Job job = job_of(index);
    planes_.fill(ops_, job.first_image, job.images, job.group, job.first_row, job.rows, bytes);
    std::uint32_t largest = 0;
    ops_.start();
    const std::int64_t first_block = job.range * blocks_ / block_ranges_;
    const std::int64_t end_block = (job.range + 1) * blocks_ / block_ranges_;
    for (std::int64_t block = first_block; block < end_block; ++block) {
        for (std::int64_t image = 0; image < job.images && results_.leaves_zeros(); ++image) {
            const std::int64_t image_group = (job.first_image + image) * product_.in.groups + job.group;
            results_.write_zeros(results_.out_block_of(image_group, block * kByteTileLanes), kByteTileLanes,
                                 job.first_row, job.rows);
        }
        for (std::size_t window = 0; window < windows_.size(); ++window) {
            if (results_.leaves_zeros() && windows_[window].window->pairs.empty()) continue;
            for (const TileGroup& tiles : tiling(window, job)) {
                largest = std::max(largest, run_tiles(windows_[window], tiles, job, block, bytes, gathered));
            }
        }
    }
    ops_.end();
    results_.see(largest);
    // Streamed results are there before the job is done.
    if (results_.streams()) std::atomic_thread_fence(std::memory_order_seq_cst);
}

// Several tiles piece by piece, so that the weights of one stay in a first-level cache.
void ByteWindows::sum_tiles(const Window& window, const ByteTile* tiles, std::size_t count, const Job& job,
                            std::int64_t block, const std::uint8_t* bytes, ByteProducts* products) const {
    constexpr std::int64_t near_steps = 12;
    const std::int64_t piece = count > 1 ? even_piece(window.steps(), near_steps) : window.steps();
    ByteTileArguments arguments;
    arguments.rows_low = planes_.low();
    arguments.row_stride = planes_.pixel_bytes();
    const std::uint8_t* vectors = window.weights + (job.group * blocks_ + block) * window.steps() * kByteVectors;
    std::int64_t first = 0;
    do {  // once, too, where no tap reaches
        arguments.offsets = window.offsets.data() + first;
        arguments.steps = std::min(piece, window.steps() - first);
        arguments.goes_on = first > 0;
        arguments.vectors = vectors + first * kByteVectors;
        for (std::size_t i = 0; i < count; ++i) {
            arguments.rows = bytes + tiles[i].pixel * planes_.pixel_bytes();
            ops_.sum_tile(arguments, products[i]);
        }
        first += piece;
    } while (first < window.steps());
}

std::uint32_t ByteWindows::run_tiles(const Window& window, const TileGroup& tiles, const Job& job, std::int64_t block,
                                     const std::uint8_t* bytes, BlockSums* gathered) const {
    const std::size_t together = window.steps() >= kManySteps ? kTilesTogether : 1;
    GroupSums sums;
    auto* products = kept<ByteProducts>(Kept::products, kTilesTogether);
    const auto sum_all = [&](const auto& combine) {
        std::int64_t outputs = 0;
        for (std::size_t i = 0; i < tiles.tiles.size(); ++i) {
            const ByteTile& tile = tiles.tiles[i];
            if (i % together == 0) {
                const std::size_t count = std::min(together, tiles.tiles.size() - i);
                sum_tiles(window, &tile, count, job, block, bytes, products);
            }
            if (!combine(products[i % together], tile, outputs * kByteTileLanes)) return false;
            outputs += tile.count;
        }
        return true;
    };
    const bool is_short = sum_all([&](const ByteProducts& of_tile, const ByteTile& tile, std::int64_t place) {
        return ops_.combine_short(of_tile, tile.rows, tile.count, sums.narrow + place);
    });
    if (!is_short) {
        sum_all([&](const ByteProducts& of_tile, const ByteTile& tile, std::int64_t place) {
            ops_.combine(of_tile, tile.rows, tile.count, sums.wide + place);
            return true;
        });
    }
    std::uint32_t largest = 0;
    for (const OutputRun& run : tiles.runs) {
        const std::int64_t image_group = (job.first_image + run.image) * product_.in.groups + job.group;
        const std::int64_t out_block = results_.out_block_of(image_group, block * kByteTileLanes);
        const std::int64_t place = results_.place_of(*window.window, out_block, job.first_row + run.row, run.col);
        const std::int64_t first = run.first * kByteTileLanes;
        const void* of_run = is_short ? static_cast<const void*>(sums.narrow + first) : sums.wide + first;
        largest =
            std::max(largest, results_.finish(is_short, out_block, place, run.count, kByteTileLanes, of_run, gathered));
    }
    return largest;
}

}  // namespace dfp16::fast
