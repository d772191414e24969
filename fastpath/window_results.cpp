#include "fastpath/window_results.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "fastpath/atomic_max.h"
#include "fastpath/dot_tile/dot_tile_arguments.h"
#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/streaming.h"

namespace dfp16::fast {

namespace {

/// Whether mantissas stay within the bound that headroom sets without clamping any.
bool needs_no_clamp(std::uint32_t largest, int exponent, int headroom) {
    const float bound = std::ldexp(1.0f, 15 - headroom) - 0.5f;
    return std::ldexp(std::bit_cast<float>(largest), -exponent) < bound;
}

}  // namespace

WindowResults::WindowResults(const Products& products, const WindowProduct& product, double scale, std::uint32_t* out,
                             QuantizedResult* quantized)
    : products_(products),
      product_(product),
      policy_(product.accumulation.policy),
      scale_(scale),
      out_(out),
      quantized_(quantized) {
    const bool zero = quantized_ == nullptr || quantized_->bias == nullptr;
    for (const TapWindow& window : product_.windows) leaves_zeros_ = leaves_zeros_ || (window.pairs.empty() && zero);
}

std::uint32_t WindowResults::write(const std::function<void()>& run) {
    if (quantized_ != nullptr) {
        write_quantized(run);
    } else {
        start();
        run();
    }
    return largest_;
}

void WindowResults::start() {
    const std::int64_t element = quantized_ != nullptr ? 2 : 4;
    const void* results = quantized_ != nullptr ? static_cast<const void*>(quantized_->mantissas) : out_;
    stream_ = fast::streams(results, product_.out.grouped_elements() * element);
    if (quantized_ != nullptr) to_mantissa_ = std::ldexp(1.0f, -quantized_->exponent);
    largest_ = 0;
    gathered_.reset();
    if (!gathers()) return;
    gathered_.emplace(Kept::gathered, products_.pool->threads(), out_blocks());
    for (int thread = 0; thread < products_.pool->threads(); ++thread) {
        std::fill_n((*gathered_)[thread], out_blocks(), BlockSums{});
    }
}

BlockSums* WindowResults::gathered(int thread) {
    return gathered_ ? (*gathered_)[thread] : nullptr;
}

ChannelStatistics WindowResults::sum_of_gathered() const {
    ChannelStatistics total(static_cast<std::size_t>(out_blocks()));
    for (int thread = 0; thread < products_.pool->threads(); ++thread) {
        for (std::int64_t block = 0; block < out_blocks(); ++block) {
            add_to(total[static_cast<std::size_t>(block)], (*gathered_)[thread][block]);
        }
    }
    return total;
}

void WindowResults::see(std::uint32_t largest) {
    raise_to(largest_, largest);
}

std::int32_t WindowResults::expected_reach() const {
    constexpr std::int32_t least = 1 << 20;
    if (quantized_ == nullptr) return kWidestReach;
    const double sums = quantized_->forecast->reach() / scale_;
    if (!(sums < kWidestReach)) return kWidestReach;
    return std::max(static_cast<std::int32_t>(sums), least);
}

std::int64_t WindowResults::out_block_of(std::int64_t image_group, std::int64_t lane) const {
    return image_group * product_.out.group_blocks() + lane / 16;
}

std::int64_t WindowResults::place_of(const TapWindow& window, std::int64_t out_block, std::int64_t row,
                                     std::int64_t col) const {
    const Activation& out = product_.out;
    const std::int64_t h = window.first_row + row * product_.out_step[0];
    const std::int64_t w = window.first_col + col * product_.out_step[1];
    return ((out_block * out.H + h) * out.W + w) * 16;
}

void WindowResults::write_zeros(std::int64_t out_block, std::int64_t lanes, std::int64_t first_row,
                                std::int64_t count) const {
    const Activation& out = product_.out;
    const std::int64_t first = first_row * product_.out_step[0];
    const std::int64_t end = std::min((first_row + count) * product_.out_step[0], out.H);
    const std::int64_t element = quantized_ != nullptr ? 2 : 4;
    char* const results =
        quantized_ != nullptr ? reinterpret_cast<char*>(quantized_->mantissas) : reinterpret_cast<char*>(out_);
    for (std::int64_t part = 0; part < lanes / 16; ++part) {
        const std::int64_t place = ((out_block + part) * out.H + first) * out.W * 16;
        const std::int64_t elements = (end - first) * out.W * 16;
        std::fill_n(results + place * element, elements * element, char{0});
        if (remainders_ != nullptr) std::fill_n(remainders_ + place, elements, std::uint8_t{0});
    }
}

std::uint32_t WindowResults::finish(bool short_sums, std::int64_t out_block, std::int64_t place, std::int64_t rows,
                                    std::int64_t lanes, const void* sums, BlockSums* gathered) const {
    const std::int64_t bytes = short_sums ? 4 : sum_bytes(policy_);
    if (quantized_ != nullptr) {
        const std::int64_t together = gathered != nullptr ? kMostGatheredRows : rows;
        std::uint32_t largest = 0;
        for (std::int64_t row = 0; row < rows; row += together) {
            const auto* from = static_cast<const char*>(sums) + row * lanes * bytes;
            largest = std::max(largest, quantize_sums(short_sums, out_block, place + row * product_.out_step[1] * 16,
                                                      std::min(together, rows - row), lanes, from, gathered));
        }
        return largest;
    }
    FinishArguments finishing{sums, rows, lanes, 16, scale_, nullptr, product_.out_step[1] * 16, stream_};
    std::uint32_t largest = 0;
    for (std::int64_t part = 0; part < lanes / 16; ++part) {
        finishing.sums = static_cast<const char*>(sums) + part * 16 * bytes;
        finishing.out = out_ + place + part * part_stride();
        largest = std::max(largest, short_sums ? vector_ops(products_.isa).finish_exact_short(finishing)
                                               : fast::finish(products_.isa, policy_, finishing));
    }
    return largest;
}

std::uint32_t WindowResults::quantize_sums(bool short_sums, std::int64_t out_block, std::int64_t place,
                                           std::int64_t rows, std::int64_t lanes, const void* sums,
                                           BlockSums* gathered) const {
    QuantizeArguments quantizing;
    quantizing.sums = sums;
    quantizing.rows = rows;
    quantizing.sums_stride = lanes;
    quantizing.parts = lanes / 16;
    quantizing.scale = scale_;
    if (quantized_->bias != nullptr) quantizing.bias = quantized_->bias + 16 * channel_block(out_block);
    if (gathered != nullptr) quantizing.gathered = gathered + channel_block(out_block);
    if (quantized_->factor != nullptr) quantizing.factor = quantized_->factor + place;
    quantizing.relu = quantized_->relu;
    quantizing.to_mantissa = to_mantissa_;
    if (quantized_->mask != nullptr) quantizing.mask = quantized_->mask + place;
    if (quantized_->mask_bits != nullptr) quantizing.mask_bits = quantized_->mask_bits + place / 16;
    quantizing.mantissas = quantized_->mantissas + place;
    if (remainders_ != nullptr) quantizing.remainders = remainders_ + place;
    quantizing.out_stride = product_.out_step[1] * 16;
    quantizing.part_stride = part_stride();
    quantizing.stream = stream_;
    return short_sums ? vector_ops(products_.isa).quantize_exact_short(quantizing)
                      : quantize(products_.isa, policy_, quantizing);
}

// Whether sums are found in passing. Where no tap reaches, a tile does not either.
bool WindowResults::gathers() const {
    return quantized_ != nullptr && quantized_->statistics != nullptr &&
           vector_ops(products_.isa).gather_tile != nullptr && mantissa_bound(quantized_->headroom) < kMostGathered &&
           (!leaves_zeros_ || quantized_->factor != nullptr);
}

// What was written for an expected exponent serves for those near it: above, as long as INT16 held every mantissa;
// below, as long as the remainder has two bits more than the mantissa needs. Without remainders it serves for that one
// only.
void WindowResults::write_quantized(const std::function<void()>& run) {
    QuantizedResult& result = *quantized_;
    const bool certain = result.forecast->certain();
    result.exponent = result.forecast->exponent();
    if (!certain) remainders_ = kept<std::uint8_t>(Kept::remainders, product_.out.grouped_elements());
    start();
    run();
    result.largest = largest_;
    if (result.largest >= kBeyondFp32) return;
    const int exponent = exponent_of(result.largest, result.headroom);
    const int step = exponent - result.exponent;
    const bool clamps = !needs_no_clamp(result.largest, exponent, result.headroom);
    const bool far = step < 2 - kRemainderBits || step > result.headroom - 1;
    if (step != 0 && (certain || far)) {
        result.exponent = exponent;
        start();
        run();
    }
    const bool final = !clamps && exponent == result.exponent;
    if (!final) requantize(exponent);
    if (final && gathered_) *result.statistics = sum_of_gathered();
    result.exponent = exponent;
    if (beyond_reach_) result.forecast->widen_reach();
    result.forecast->see(result.largest, result.headroom);
    result.largest_mantissa = largest_mantissa_of(result.largest, exponent, result.headroom);
}

void WindowResults::requantize(int exponent) {
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

}  // namespace dfp16::fast
