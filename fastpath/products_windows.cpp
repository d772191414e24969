#include "fastpath/products_windows.h"

#include <algorithm>
#include <functional>

#include "fastpath/byte_windows.h"
#include "fastpath/dot_tile/dot_tile.h"
#include "fastpath/dot_tile/vector_ops.h"
#include "fastpath/dot_windows.h"
#include "fastpath/packing/kept_memory.h"
#include "fastpath/packing/lane_blocks.h"
#include "fastpath/packing/pointwise_row.h"
#include "fastpath/window_results.h"

namespace dfp16::fast {

namespace {

// Both give the bits of the largest magnitude.

std::uint32_t run_dot_windows(const Products& products, const WindowProduct& product, const std::int16_t* in,
                              const BroadcastBound& in_bound, const std::int16_t* weights, WindowResults& results) {
    DotWindows windows(products, product, in, results);
    windows.prepare(weights, in_bound);
    return results.write([&] { windows.run(); });
}

std::uint32_t run_byte_windows(const Products& products, const WindowProduct& product, const std::int16_t* in,
                               const std::int16_t* weights, WindowResults& results) {
    ByteWindows windows(products, product, in, results);
    windows.prepare(weights);
    return results.write([&] { windows.run(); });
}

}  // namespace

// An odd channel costs as much as two where it stands alone: of few channels, much of the work.
bool pairs_odd_channel(const WindowProduct& product) {
    constexpr std::int64_t most_channels = 7;
    const bool few = product.in.group_channels() <= most_channels && product.in.group_channels() % 2 != 0;
    if (!few || product.accumulation.policy != Policy::exact || product.windows.size() > 1) return false;
    const std::vector<std::int64_t>& cols = product.windows[0].in_cols;
    const auto neighbours = [](std::int64_t one, std::int64_t next) { return next == one + 1; };
    return cols.size() > 1 && std::adjacent_find(cols.begin(), cols.end(), std::not_fn(neighbours)) == cols.end();
}

bool leaves_out_columns(Isa isa, const WindowProduct& product, const TapWindow& window) {
    const LaneBlocks blocks{product.out.group_channels(), widest_lanes(isa)};
    return window.cols <= largest_tile(isa, blocks.lanes(0), 32 * product.in_step[1]) && !window.pairs.odd_across &&
           window.pairs.size() < std::int64_t{1} << kEndRowsShift;
}

void flatten_pointwise(const ConvParams& conv, WindowProduct& product) {
    if (is_pointwise(conv)) {
        const std::int64_t row = pointwise_row(conv.H * conv.W);
        product.in.W = product.out.W = product.windows[0].cols = row;
        product.in.H = product.out.H = product.windows[0].rows = conv.H * conv.W / row;
    }
}

void run_windows(const Products& products, WindowProduct product, const std::int16_t* in,
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
    const std::int16_t* blocked_in = group_channels(*products.pool, product.in, in, grouped_in);
    const bool by_bytes = prefers_byte_tiles(products, product);
    if (!by_bytes) product.windows[0].pairs.odd_across = pairs_odd_channel(product);
    WindowResults results(products, product, scale, grouped_out, out.quantized);
    const std::uint32_t largest = by_bytes ? run_byte_windows(products, product, blocked_in, weights, results)
                                           : run_dot_windows(products, product, blocked_in, in_bound, weights, results);
    if (out.quantized != nullptr) return;
    if (!product.out.aligned()) ungroup_channels(*products.pool, product.out, grouped_out, blocked_out);
    if (largest >= kBeyondFp32) throw_beyond_fp32(product.result, out.fp32);
    if (out.largest != nullptr) *out.largest = largest;
}

}  // namespace dfp16::fast
