// Convolution forward and backward-data: one machine. Each output pixel is a sum over the taps of a window on the
// input.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "fastpath/packing/chain_pieces.h"
#include "fastpath/packing/group_channels.h"
#include "fastpath/packing/pack_taps.h"
#include "fastpath/packing/pairs.h"
#include "fastpath/products.h"
#include "fastpath/products_check.h"

namespace dfp16::fast {

/// Output pixels that share their taps: (first_row + i * out_step[0], first_col + j * out_step[1]), i < rows, j < cols.
struct TapWindow {
    TapPairs pairs;
    /// Of each of the pairs' tap rows, and tap columns: that of the input, counted from the origin of an output pixel;
    /// at least 0.
    std::vector<std::int64_t> in_rows, in_cols;
    std::int64_t first_row = 0, first_col = 0;
    std::int64_t rows = 0, cols = 0;
};

struct WindowProduct {
    Accumulation accumulation;
    Activation in, out;
    std::vector<TapWindow> windows;
    /// Rows and columns of zeros before the input's first: pixel (i, j) of a window has its origin at row
    /// i * in_step[0] - before[0].
    std::array<std::int64_t, 2> before{};
    std::array<std::int64_t, 2> in_step{1, 1};
    std::array<std::int64_t, 2> out_step{1, 1};
    /// Elements of the plain weights from one group, output channel, summed channel, and tap row to the next.
    std::int64_t weight_group = 0, weight_lane = 0, weight_channel = 0, weight_row = 0;
    std::int64_t weight_taps = 1;         ///< R * S
    std::int64_t largest_weight = 32768;  ///< under exact: no magnitude is larger
    Named result;

    /// Into how many ranges jobs cut a group's `blocks` of output channels, if one range has `jobs`: so many that there
    /// are `wanted` jobs, and one a thread where the weights are not far less than the input. As jobs go range by
    /// range, each thread then packs and reads the weights of its own.
    std::int64_t channel_ranges(std::int64_t threads, std::int64_t wanted, std::int64_t jobs,
                                std::int64_t blocks) const {
        const std::int64_t weights = in.groups * out.group_channels() * in.group_channels() * weight_taps;
        const std::int64_t shares = 2 * weights >= in.grouped_elements() ? threads : 1;
        return std::clamp<std::int64_t>(std::max(shares, wanted / jobs), 1, blocks);
    }
    /// Where a group's weights lie, from one of its output channels on.
    PlainWeights plain_weights(const std::int16_t* weights, std::int64_t group, std::int64_t first_lane) const {
        return {weights + group * weight_group + first_lane * weight_lane,
                weight_lane,
                weight_channel,
                in.group_channels(),
                weight_taps,
                weight_row};
    }
};

/// The input rows, counted as in_rows of a window that has taps, that output rows first .. last of it meet; others are
/// zeros.
inline RowRange input_rows_met(const WindowProduct& product, const TapWindow& window, std::int64_t first,
                               std::int64_t last) {
    const std::int64_t below = *std::max_element(window.in_rows.begin(), window.in_rows.end());
    return {std::max<std::int64_t>(0, product.before[0] - last * product.in_step[0]),
            std::min(below + 1, product.in.H + product.before[0] - first * product.in_step[0])};
}

/// How many of a window's rows of taps meet the input for some of these output rows.
inline std::int64_t tap_rows_met(const WindowProduct& product, const TapWindow& window, std::int64_t first,
                                 std::int64_t last) {
    const RowRange met = input_rows_met(product, window, first, last);
    return std::count_if(window.in_rows.begin(), window.in_rows.end(),
                         [&](std::int64_t row) { return row >= met.first && row < met.end; });
}

/// Columns of outputs, of each row of a window, that meet zeros at one of its columns of taps: the first or the last
/// ones, whichever are more, but at most kMostEndRows, and not all.
inline EndRows columns_of_zeros(const WindowProduct& product, const TapWindow& window, std::int64_t tap_col) {
    const std::int64_t step = product.in_step[1];
    const std::int64_t before = product.before[1] - tap_col;  // columns of zeros, of output column 0
    const std::int64_t most = std::clamp<std::int64_t>(window.cols - 1, 0, kMostEndRows);
    const auto outputs_within = [&](std::int64_t cols) { return cols <= 0 ? 0 : (cols + step - 1) / step; };
    const std::int64_t first = std::min(most, outputs_within(before));
    const std::int64_t last = std::clamp<std::int64_t>(window.cols - outputs_within(product.in.W + before), 0, most);
    return static_cast<EndRows>(first >= last ? first : kMostEndRows + last);
}

/// Whether dot tiles of an ISA have whole rows of a window, and so can leave these columns out. An odd channel's pairs
/// are of two.
bool leaves_out_columns(Isa isa, const WindowProduct& product, const TapWindow& window);

/// A pointwise convolution (1x1, stride 1, no padding) works pixel by pixel: its images become one long row each.
/// Leaves all others alone.
void flatten_pointwise(const ConvParams& conv, WindowProduct& product);

/// Whether dot tiles pair an odd channel across columns (TapPairs::odd_across).
bool pairs_odd_channel(const WindowProduct& product);

/// in blocked, weights plain -> out blocked.
void run_windows(const Products& products, WindowProduct product, const std::int16_t* in,
                 const BroadcastBound& in_bound, const std::int16_t* weights, double scale, const Result& out);

}  // namespace dfp16::fast
