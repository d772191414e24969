#include "fastpath/products_windows.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

#include "fastpath/atomic_max.h"
#include "fastpath/packing/fetch.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/pointwise_row.h"
#include "fastpath/tile_split.h"
#include "fastpath/window_weights.h"

namespace dfp16::fast {

namespace {

class WindowRun {
public:
    WindowRun(const Products& products, const WindowProduct& product, const std::int16_t* in, double scale,
              std::uint32_t* out, QuantizedResult* quantized)
        : products_(products),
          product_(product),
          policy_(product.accumulation.policy),
          in_(in),
          scale_(scale),
          out_(out),
          quantized_(quantized),
          blocks_{product.out.group_channels(), widest_lanes(products.isa)},
          weights_(products, product, blocks_) {
        plan_buffer();
        plan_jobs();
    }

    void prepare(const std::int16_t* weights, const BroadcastBound& in_bound);
    /// Gives the bits of the largest magnitude.
    std::uint32_t run();
    /// To mantissas.
    void run_quantized();

private:
    void plan_buffer();
    void plan_jobs();
    bool can_join_rows() const;
    const std::int16_t* input_band(std::int64_t image_group, std::int64_t first_row, std::int16_t* buffer) const;
    void run_job(std::int64_t job, std::int16_t* buffer, BlockSums* gathered);
    void write_zeros(std::int64_t image_group, std::int64_t block, std::int64_t first_row) const;
    void fetch_tile(const std::int16_t* origin, std::int64_t tile) const;
    /// What a job's tiles have in common.
    struct JobState {
        BlockSums* gathered = nullptr;
        TileMantissas mantissas;
        alignas(64) float largest[16] = {};  // of tiles that end in mantissas
    };
    std::uint32_t run_row(const PreparedWindow& prepared, std::int64_t image_group, std::int64_t block,
                          std::int64_t row, const std::int16_t* origin, bool unread, JobState& state) const;
    bool can_end_in_mantissas_now() const;
    TileMantissas tile_mantissas() const;
    std::uint32_t largest_of(const float* scaled) const;
    void place_mantissas(std::int64_t out_block, std::int64_t place, TileMantissas& mantissas) const;
    void gather_tile(std::int64_t out_block, std::int64_t place, int tile, std::int64_t lanes,
                     BlockSums* gathered) const;
    std::int64_t out_block_of(std::int64_t image_group, std::int64_t block) const;
    std::int64_t place_of(const TapWindow& window, std::int64_t out_block, std::int64_t row, std::int64_t col) const;
    std::uint32_t finish_tile(bool short_sums, std::int64_t out_block, std::int64_t place, int tile, std::int64_t lanes,
                              const void* sums, BlockSums* gathered) const;
    std::uint32_t quantize_tile(bool short_sums, std::int64_t out_block, std::int64_t place, int tile,
                                std::int64_t lanes, const void* sums, BlockSums* gathered) const;
    bool gathers() const;
    std::int64_t out_blocks() const { return product_.out.groups * product_.out.group_blocks(); }
    void requantize(int exponent);

    const Products& products_;
    const WindowProduct& product_;
    Policy policy_;
    const std::int16_t* in_;
    double scale_;
    std::uint32_t* out_;                  // or
    QuantizedResult* quantized_;          // and
    std::uint8_t* remainders_ = nullptr;  // where the exponent may be another than expected
    float to_mantissa_ = 1.0f;
    std::optional<MantissaEnding> ending_;
    bool ends_in_mantissas_ = false;   // in this run
    std::vector<BlockSums> gathered_;  // by thread and block of the output's channels; empty if nobody asks
    LaneBlocks blocks_;
    WindowWeights weights_;

    // The input as dot tiles see it: [group block][plane_rows_][row_pixels_][16], a padded copy of a band of rows
    // unless the input itself will do.
    bool padded_ = false;
    std::int64_t row_pixels_ = 0;
    std::int64_t plane_rows_ = 0;
    std::int64_t rows_below_ = 0;  // input rows that a window reaches below its origin

    // Jobs: image and group, band of window rows, range of lane blocks.
    std::int64_t most_rows_ = 0;
    std::int64_t band_ = 0;
    std::int64_t bands_ = 0;
    std::int64_t block_ranges_ = 1;
    std::int64_t joined_rows_ = 1;
    bool stream_ = false;
    bool leaves_zeros_ = false;  // where no tap reaches
    std::atomic<std::uint32_t> largest_{0};
};

void WindowRun::plan_buffer() {
    std::int64_t rows = 0;
    for (const TapWindow& window : product_.windows) {
        most_rows_ = std::max(most_rows_, window.rows);
        for (const WindowPair& pair : window.pairs) {
            rows_below_ = std::max(rows_below_, pair.row);
            rows = std::max(rows, (window.rows - 1) * product_.in_step[0] + pair.row + 1);
            row_pixels_ = std::max(row_pixels_, (window.cols - 1) * product_.in_step[1] + pair.col + 1);
        }
    }
    padded_ = product_.before[0] > 0 || product_.before[1] > 0 || rows > product_.in.H || row_pixels_ > product_.in.W;
    if (!padded_) row_pixels_ = product_.in.W;
}

// Bands that a core's second-level cache holds, and several jobs a thread.
void WindowRun::plan_jobs() {
    constexpr std::int64_t band_bytes = 512 * 1024;
    const std::int64_t image_groups = product_.in.N * product_.in.groups;
    const std::int64_t wanted = 4 * products_.pool->threads();
    const std::int64_t row_bytes = std::max<std::int64_t>(1, product_.in.group_blocks() * row_pixels_ * 32);
    band_ = std::clamp((band_bytes / row_bytes - rows_below_) / product_.in_step[0], std::int64_t{1}, most_rows_);
    const std::int64_t wanted_bands = (wanted + image_groups - 1) / image_groups;
    band_ = std::min(band_, std::max<std::int64_t>(1, most_rows_ / wanted_bands));
    bands_ = (most_rows_ + band_ - 1) / band_;
    band_ = (most_rows_ + bands_ - 1) / bands_;
    bands_ = (most_rows_ + band_ - 1) / band_;
    block_ranges_ = std::clamp(wanted / (image_groups * bands_), std::int64_t{1}, blocks_.count());
    plane_rows_ = padded_ ? (band_ - 1) * product_.in_step[0] + rows_below_ + 1 : product_.in.H;
    if (can_join_rows()) joined_rows_ = band_;
}

// Rows so short that a tile holds two, whose results are neighbours: tiles take all rows of a band as one.
bool WindowRun::can_join_rows() const {
    const TapWindow& window = product_.windows[0];
    return product_.windows.size() == 1 && window.rows % band_ == 0 && window.cols == product_.out.W &&
           product_.out_step == std::array<std::int64_t, 2>{1, 1} && can_have_runs(products_.isa, policy_) &&
           2 * window.cols <= largest_tile(products_.isa, widest_lanes(products_.isa), 32 * product_.in_step[1]);
}

void WindowRun::prepare(const std::int16_t* weights, const BroadcastBound& in_bound) {
    if (quantized_ != nullptr && can_end_in_mantissas(products_.isa) && policy_ == Policy::exact &&
        product_.out_step[1] == 1 && (quantized_->mask == nullptr || quantized_->mask_bits != nullptr)) {
        ending_ = {quantized_->bias != nullptr, quantized_->relu, quantized_->mask != nullptr};
    }
    weights_.prepare(weights, in_bound, {plane_rows_, row_pixels_, joined_rows_}, ending_);
    const bool zero = quantized_ == nullptr || quantized_->bias == nullptr;
    for (const TapWindow& window : product_.windows) leaves_zeros_ = leaves_zeros_ || (window.pairs.empty() && zero);
}

std::uint32_t WindowRun::run() {
    constexpr std::int64_t stream_bytes = 24 << 20;  // no cache holds that
    const std::int64_t element = quantized_ != nullptr ? 2 : 4;
    const void* results = quantized_ != nullptr ? static_cast<const void*>(quantized_->mantissas) : out_;
    stream_ = product_.out.grouped_elements() * element >= stream_bytes &&
              reinterpret_cast<std::uintptr_t>(results) % 64 == 0;
    const std::int64_t jobs = product_.in.N * product_.in.groups * bands_ * block_ranges_;
    const std::int64_t buffer = padded_ ? product_.in.group_blocks() * plane_rows_ * row_pixels_ * 16 : 0;
    largest_ = 0;
    if (quantized_ != nullptr) to_mantissa_ = std::ldexp(1.0f, -quantized_->exponent);
    ends_in_mantissas_ = can_end_in_mantissas_now();
    std::int16_t* buffers = kept<std::int16_t>(Kept::operand, buffer * products_.pool->threads());
    const std::int64_t sums = gathers() ? out_blocks() : 0;
    gathered_.assign(static_cast<std::size_t>(sums * products_.pool->threads()), {});
    products_.pool->parallel_for(jobs, [&](std::int64_t job, int thread) {
        run_job(job, buffers + thread * buffer, sums > 0 ? gathered_.data() + thread * sums : nullptr);
    });
    return largest_;
}

// The input rows of a band, from that of window row first_row on, between zeros.
const std::int16_t* WindowRun::input_band(std::int64_t image_group, std::int64_t first_row,
                                          std::int16_t* buffer) const {
    const Activation& in = product_.in;
    const std::int16_t* from = in_ + image_group * in.group_blocks() * in.H * in.W * 16;
    const std::int64_t top = first_row * product_.in_step[0] - product_.before[0];
    if (!padded_) return from + top * in.W * 16;
    const std::int64_t left = product_.before[1];
    const std::int64_t width = std::clamp<std::int64_t>(row_pixels_ - left, 0, in.W);
    for (std::int64_t block = 0; block < in.group_blocks(); ++block, from += in.H * in.W * 16) {
        for (std::int64_t row = top; row < top + plane_rows_; ++row, buffer += row_pixels_ * 16) {
            if (row < 0 || row >= in.H || width == 0) {
                std::fill_n(buffer, row_pixels_ * 16, std::int16_t{0});
                continue;
            }
            fetch(from + (row + 4) * in.W * 16, width * 16);
            std::fill_n(buffer, left * 16, std::int16_t{0});
            std::copy_n(from + row * in.W * 16, width * 16, buffer + left * 16);
            std::fill(buffer + (left + width) * 16, buffer + row_pixels_ * 16, std::int16_t{0});
        }
    }
    return buffer - in.group_blocks() * plane_rows_ * row_pixels_ * 16;
}

// Whether sums are found in passing. Where no tap reaches, a tile does not either.
bool WindowRun::gathers() const {
    return quantized_ != nullptr && quantized_->statistics != nullptr &&
           vector_ops(products_.isa).gather_tile != nullptr && mantissa_bound(quantized_->headroom) < kMostGathered &&
           (!leaves_zeros_ || quantized_->factor != nullptr);
}

void WindowRun::run_job(std::int64_t job, std::int16_t* buffer, BlockSums* gathered) {
    const std::int64_t range = job % block_ranges_;
    const std::int64_t first_row = job / block_ranges_ % bands_ * band_;
    const std::int64_t image_group = job / block_ranges_ / bands_;
    const std::int16_t* band = input_band(image_group, first_row, buffer);
    JobState state{gathered, tile_mantissas(), {}};
    state.mantissas.largest = state.largest;
    std::uint32_t largest = 0;
    const std::int64_t last_block = (range + 1) * blocks_.count() / block_ranges_;
    const std::int64_t first_block = range * blocks_.count() / block_ranges_;
    for (std::int64_t block = first_block; block < last_block; ++block) {
        if (leaves_zeros_) write_zeros(image_group, block, first_row);
        for (const PreparedWindow& prepared : weights_.windows()) {
            if (leaves_zeros_ && prepared.taps.empty()) continue;
            const std::int64_t rows = std::min(band_, prepared.window->rows - first_row);
            for (std::int64_t row = 0; row < rows; row += joined_rows_) {
                const bool unread = !padded_ && block == first_block && joined_rows_ == 1;
                largest =
                    std::max(largest, run_row(prepared, image_group, block, first_row + row,
                                              band + row * product_.in_step[0] * row_pixels_ * 16, unread, state));
            }
        }
    }
    raise_to(largest_, std::max(largest, largest_of(state.largest)));
    std::atomic_thread_fence(std::memory_order_seq_cst);  // streamed results are there before the job is done
}

// Input pixels of a tile, of all channels, at its first tap; a stride may be longer than the row.
void WindowRun::fetch_tile(const std::int16_t* origin, std::int64_t tile) const {
    const std::int64_t pixels = std::min(tile * product_.in_step[1], row_pixels_);
    for (std::int64_t block = 0; block < product_.in.group_blocks(); ++block) {
        fetch(origin + block * plane_rows_ * row_pixels_ * 16, pixels * 16);
    }
}

// All output rows that the windows have in a band, before those with taps write theirs.
void WindowRun::write_zeros(std::int64_t image_group, std::int64_t block, std::int64_t first_row) const {
    const Activation& out = product_.out;
    const std::int64_t first = first_row * product_.out_step[0];
    const std::int64_t end = std::min((first_row + band_) * product_.out_step[0], out.H);
    const std::int64_t element = quantized_ != nullptr ? 2 : 4;
    char* const results =
        quantized_ != nullptr ? reinterpret_cast<char*>(quantized_->mantissas) : reinterpret_cast<char*>(out_);
    for (std::int64_t part = 0; part < blocks_.lanes(block) / 16; ++part) {
        const std::int64_t plane = image_group * out.group_blocks() + blocks_.first(block) / 16 + part;
        const std::int64_t place = (plane * out.H + first) * out.W * 16;
        const std::int64_t count = (end - first) * out.W * 16;
        std::fill_n(results + place * element, count * element, char{0});
        if (remainders_ != nullptr) std::fill_n(remainders_ + place, count, std::uint8_t{0});
    }
}

std::uint32_t WindowRun::run_row(const PreparedWindow& prepared, std::int64_t image_group, std::int64_t block,
                                 std::int64_t row, const std::int16_t* origin, bool unread, JobState& state) const {
    const std::int64_t group = image_group % product_.in.groups;
    const PreparedBlock& of_block = prepared.blocks[static_cast<std::size_t>(group * blocks_.count() + block)];
    // What is gathered from memory shall be in a cache.
    const bool to_mantissas = of_block.mantissa_split != nullptr && ends_in_mantissas_ && !of_block.chains.empty() &&
                              !(stream_ && state.gathered != nullptr);
    const TileSplit& split = to_mantissas ? *of_block.mantissa_split : *of_block.split;
    const std::int64_t out_block = out_block_of(image_group, block);
    TileSums sums;
    DotTileArguments arguments;
    arguments.vectors = prepared.weights[static_cast<std::size_t>(group)].block(block);
    arguments.offsets = prepared.offsets.data();
    arguments.chains = of_block.chains.data();
    arguments.chain_count = static_cast<std::int64_t>(of_block.chains.size());
    arguments.sums = sums.sums;
    arguments.mantissas = &state.mantissas;
    if (of_block.chains.empty()) sums = {};  // no tap reaches these pixels
    std::uint32_t overflow = 0;
    arguments.overflow = &overflow;
    std::uint32_t largest = 0;
    for (std::int64_t tile = 0; tile < split.tiles(); ++tile) {
        arguments.broadcast = origin + split.offset(tile) / 2;
        if (unread) fetch_tile(arguments.broadcast + split.size(tile) * product_.in_step[1] * 16, split.size(tile));
        const std::int64_t place = place_of(*prepared.window, out_block, row, split.first(tile));
        if (to_mantissas) place_mantissas(out_block, place, state.mantissas);
        if (!of_block.chains.empty()) split.run(tile, arguments);
        const bool left_int32 = of_block.checked && overflow != 0;
        if (left_int32) of_block.full_split->run(tile, arguments);
        if (to_mantissas && !left_int32) {
            if (state.gathered != nullptr)
                gather_tile(out_block, place, split.size(tile), blocks_.lanes(block), state.gathered);
            continue;
        }
        largest = std::max(largest, finish_tile(of_block.short_sums() && !left_int32, out_block, place,
                                                split.size(tile), blocks_.lanes(block), sums.sums, state.gathered));
    }
    return largest;
}

std::int64_t WindowRun::out_block_of(std::int64_t image_group, std::int64_t block) const {
    return image_group * product_.out.group_blocks() + blocks_.first(block) / 16;
}

// Of a window's pixel, among the results.
std::int64_t WindowRun::place_of(const TapWindow& window, std::int64_t out_block, std::int64_t row,
                                 std::int64_t col) const {
    const Activation& out = product_.out;
    const std::int64_t h = window.first_row + row * product_.out_step[0];
    const std::int64_t w = window.first_col + col * product_.out_step[1];
    return ((out_block * out.H + h) * out.W + w) * 16;
}

// Scales so near 1 that no product of two of them is subnormal or beyond FP32.
bool WindowRun::can_end_in_mantissas_now() const {
    return ending_ && remainders_ == nullptr && scale_ >= 0x1p-60 && scale_ <= 0x1p60 && to_mantissa_ >= 0x1p-60f &&
           to_mantissa_ <= 0x1p60f;
}

TileMantissas WindowRun::tile_mantissas() const {
    TileMantissas mantissas;
    if (!ending_) return mantissas;
    mantissas.scale = static_cast<float>(scale_) * (ending_->bias ? 1.0f : to_mantissa_);
    mantissas.to_mantissa = to_mantissa_;
    mantissas.part_stride = product_.out.H * product_.out.W * 32;
    return mantissas;
}

void WindowRun::place_mantissas(std::int64_t out_block, std::int64_t place, TileMantissas& mantissas) const {
    mantissas.out = quantized_->mantissas + place;
    if (ending_->masked) mantissas.mask_bits = quantized_->mask_bits + place / 16;
    if (ending_->bias) mantissas.bias = quantized_->bias + 16 * (out_block % out_blocks());
    mantissas.stream =
        stream_ && reinterpret_cast<std::uintptr_t>(mantissas.out) % 64 == 0 && mantissas.part_stride % 64 == 0;
}

// What tiles that ended in mantissas have kept: bits of the largest magnitude.
std::uint32_t WindowRun::largest_of(const float* scaled) const {
    const float largest = *std::max_element(scaled, scaled + 16);
    return std::bit_cast<std::uint32_t>(ending_ && !ending_->bias ? largest / to_mantissa_ : largest);
}

void WindowRun::gather_tile(std::int64_t out_block, std::int64_t place, int tile, std::int64_t lanes,
                            BlockSums* gathered) const {
    const std::int16_t* factor = quantized_->factor != nullptr ? quantized_->factor + place : nullptr;
    vector_ops(products_.isa)
        .gather_tile({quantized_->mantissas + place, factor, tile, lanes / 16, product_.out.H * product_.out.W * 16,
                      gathered + out_block % out_blocks()});
}

std::uint32_t WindowRun::finish_tile(bool short_sums, std::int64_t out_block, std::int64_t place, int tile,
                                     std::int64_t lanes, const void* sums, BlockSums* gathered) const {
    const Activation& out = product_.out;
    const std::int64_t bytes = short_sums ? 4 : sum_bytes(policy_);
    const std::int64_t part_stride = out.H * out.W * 16;
    if (quantized_ != nullptr) return quantize_tile(short_sums, out_block, place, tile, lanes, sums, gathered);
    FinishArguments finishing{sums, tile, lanes, 16, scale_, nullptr, product_.out_step[1] * 16, stream_};
    std::uint32_t largest = 0;
    for (std::int64_t part = 0; part < lanes / 16; ++part) {
        finishing.sums = static_cast<const char*>(sums) + part * 16 * bytes;
        finishing.out = out_ + place + part * part_stride;
        largest = std::max(largest, short_sums ? vector_ops(products_.isa).finish_exact_short(finishing)
                                               : finish(products_.isa, policy_, finishing));
    }
    return largest;
}

std::uint32_t WindowRun::quantize_tile(bool short_sums, std::int64_t out_block, std::int64_t place, int tile,
                                       std::int64_t lanes, const void* sums, BlockSums* gathered) const {
    const Activation& out = product_.out;
    QuantizeArguments quantizing;
    quantizing.sums = sums;
    quantizing.rows = tile;
    quantizing.sums_stride = lanes;
    quantizing.parts = lanes / 16;
    quantizing.scale = scale_;
    const std::int64_t channel_block = out_block % out_blocks();
    if (quantized_->bias != nullptr) quantizing.bias = quantized_->bias + 16 * channel_block;
    if (gathered != nullptr) quantizing.gathered = gathered + channel_block;
    if (quantized_->factor != nullptr) quantizing.factor = quantized_->factor + place;
    quantizing.relu = quantized_->relu;
    quantizing.to_mantissa = to_mantissa_;
    if (quantized_->mask != nullptr) quantizing.mask = quantized_->mask + place;
    if (quantized_->mask_bits != nullptr) quantizing.mask_bits = quantized_->mask_bits + place / 16;
    quantizing.mantissas = quantized_->mantissas + place;
    if (remainders_ != nullptr) quantizing.remainders = remainders_ + place;
    quantizing.out_stride = product_.out_step[1] * 16;
    quantizing.part_stride = out.H * out.W * 16;
    quantizing.stream = stream_;
    return short_sums ? vector_ops(products_.isa).quantize_exact_short(quantizing)
                      : quantize(products_.isa, policy_, quantizing);
}

/// Whether mantissas stay within the bound that headroom sets without clamping any.
bool needs_no_clamp(std::uint32_t largest, int exponent, int headroom) {
    const float bound = std::ldexp(1.0f, 15 - headroom) - 0.5f;
    return std::ldexp(std::bit_cast<float>(largest), -exponent) < bound;
}

// What was written for an expected exponent serves for those near it: above, as long as INT16 held every mantissa;
// below, as long as the remainder has two bits more than the mantissa needs. Without remainders it serves for that one
// only.
void WindowRun::run_quantized() {
    QuantizedResult& result = *quantized_;
    const bool certain = result.forecast->certain();
    result.exponent = result.forecast->exponent();
    if (!certain) remainders_ = kept<std::uint8_t>(Kept::remainders, product_.out.grouped_elements());
    result.largest = run();
    if (result.largest >= kBeyondFp32) return;
    const int exponent = exponent_of(result.largest, result.headroom);
    const int step = exponent - result.exponent;
    const bool clamps = !needs_no_clamp(result.largest, exponent, result.headroom);
    const bool far = step < 2 - kRemainderBits || step > result.headroom - 1;
    if (step != 0 && (certain || far)) {
        result.exponent = exponent;
        run();
    }
    const bool final = !clamps && exponent == result.exponent;
    if (!final) requantize(exponent);
    if (final && !gathered_.empty()) *result.statistics = sum_of_parts(gathered_, out_blocks());
    result.exponent = exponent;
    result.forecast->see(result.largest, result.headroom);
    result.largest_mantissa = largest_mantissa_of(result.largest, exponent, result.headroom);
}

void WindowRun::requantize(int exponent) {
    constexpr std::int64_t piece = 1 << 16;
    const std::int64_t elements = product_.out.grouped_elements();
    const int shift = kRemainderBits + exponent - quantized_->exponent;
    const std::int32_t limit = mantissa_bound(quantized_->headroom);
    products_.pool->parallel_for((elements + piece - 1) / piece, [&](std::int64_t i, int) {
        vector_ops(products_.isa)
            .requantize({quantized_->mantissas + i * piece, remainders_ == nullptr ? nullptr : remainders_ + i * piece,
                         std::min(piece, elements - i * piece), shift, limit});
    });
}

}  // namespace

void flatten_pointwise(const ConvParams& conv, WindowProduct& product) {
    if (is_pointwise(conv)) {
        const std::int64_t row = pointwise_row(conv.H * conv.W);
        product.in.W = product.out.W = product.windows[0].cols = row;
        product.in.H = product.out.H = product.windows[0].rows = conv.H * conv.W / row;
    }
}

void run_windows(const Products& products, const WindowProduct& product, const std::int16_t* in,
                 const BroadcastBound& in_bound, const std::int16_t* weights, double scale, const Result& out) {
    auto* blocked_out =
        out.fp32 != nullptr ? reinterpret_cast<std::uint32_t*>(out.fp32) : reinterpret_cast<std::uint32_t*>(out.int32);
    std::int16_t* grouped_in = nullptr;
    std::uint32_t* grouped_out = out.quantized != nullptr ? nullptr : blocked_out;
    if (!product.in.aligned()) {
        grouped_in = kept<std::int16_t>(Kept::grouped_operand, product.in.grouped_elements());
    }
    if (!product.out.aligned()) {
        grouped_out = kept<std::uint32_t>(Kept::grouped_result, product.out.grouped_elements());
    }
    WindowRun run(products, product, group_channels(*products.pool, product.in, in, grouped_in), scale, grouped_out,
                  out.quantized);
    run.prepare(weights, in_bound);
    if (out.quantized != nullptr) return run.run_quantized();
    const std::uint32_t largest = run.run();
    if (!product.out.aligned()) ungroup_channels(*products.pool, product.out, grouped_out, blocked_out);
    if (largest >= kBeyondFp32) throw_beyond_fp32(product.result, out.fp32);
    if (out.largest != nullptr) *out.largest = largest;
}

}  // namespace dfp16::fast
