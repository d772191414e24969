#include <algorithm>
#include <array>
#include <utility>

#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "fastpath/products_windows.h"

namespace dfp16::fast {

namespace {

// Along one dimension, pixel h = phase + stride * i of dx meets tap r where stride divides h + pad - r, at
// p = i + (phase + pad - r) / stride.
struct Phase {
    std::int64_t phase, stride, pad;

    /// Taps that its pixels meet.
    std::vector<std::int64_t> taps(std::int64_t count) const {
        std::vector<std::int64_t> met;
        for (std::int64_t tap = 0; tap < count; ++tap) {
            if ((phase + pad - tap) % stride == 0) met.push_back(tap);
        }
        return met;
    }
    /// Where these take dy, counted from `before` rows or columns in front of p = i.
    std::vector<std::int64_t> places(const std::vector<std::int64_t>& taps, std::int64_t before) const {
        std::vector<std::int64_t> places;
        for (const std::int64_t tap : taps) places.push_back((phase + pad - tap) / stride + before);
        return places;
    }
    /// Pixels of this phase among `size`.
    std::int64_t pixels(std::int64_t size) const {
        return std::max<std::int64_t>(0, (size - phase + stride - 1) / stride);
    }
};

// The farthest that a tap reaches before p = 0.
std::int64_t rows_before(std::int64_t taps, std::int64_t stride, std::int64_t pad) {
    return std::max<std::int64_t>(0, (taps - 1 - pad) / stride);
}

// A window for each phase of the strides.
std::vector<TapWindow> phase_windows(const ConvParams& conv, const std::array<std::int64_t, 2>& before) {
    std::vector<TapWindow> windows;
    for (std::int64_t a = 0; a < std::min(conv.stride[0], conv.H); ++a) {
        for (std::int64_t b = 0; b < std::min(conv.stride[1], conv.W); ++b) {
            const Phase rows{a, conv.stride[0], conv.pad[0]};
            const Phase cols{b, conv.stride[1], conv.pad[1]};
            const TapPairs pairs{conv.K / conv.groups, conv.R, conv.S, rows.taps(conv.R), cols.taps(conv.S)};
            windows.push_back({pairs, rows.places(pairs.tap_rows, before[0]), cols.places(pairs.tap_cols, before[1]), a,
                               b, rows.pixels(conv.H), cols.pixels(conv.W)});
        }
    }
    return windows;
}

WindowProduct window_product(const ConvParams& conv) {
    WindowProduct product;
    product.accumulation = conv.accumulation;
    product.in = {conv.N, conv.K, conv.P, conv.Q, conv.groups};
    product.out = {conv.N, conv.C, conv.H, conv.W, conv.groups};
    product.before = {rows_before(conv.R, conv.stride[0], conv.pad[0]),
                      rows_before(conv.S, conv.stride[1], conv.pad[1])};
    product.out_step = conv.stride;
    product.weight_lane = conv.R * conv.S;
    product.weight_channel = conv.C / conv.groups * conv.R * conv.S;
    product.weight_group = conv.K / conv.groups * product.weight_channel;
    product.weight_row = conv.S;
    product.weight_taps = conv.R * conv.S;
    product.windows = phase_windows(conv, product.before);
    flatten_pointwise(conv, product);
    return product;
}

}  // namespace

void conv_backward_data(const Products& products, const ConvParams& conv, Operand dy, Operand w, Result dx) {
    const std::array dy_shape{conv.N, conv.K, conv.P, conv.Q};
    const std::array w_shape{conv.K, conv.C / conv.groups, conv.R, conv.S};
    const std::array dx_shape{conv.N, conv.C, conv.H, conv.W};
    const Policy policy = conv.accumulation.policy;
    const BroadcastBound bound = check_operand(products, policy, {"dy", dy_shape, true}, dy);
    const BroadcastBound of_weights = check_operand(products, policy, {"w", w_shape, false}, w);
    WindowProduct product = window_product(conv);
    product.largest_weight = of_weights.largest;
    product.result = {"dx", dx_shape, true};
    run_windows(products, std::move(product), dy.mantissas, bound, w.mantissas, scale_of(dy, w), dx);
}

}  // namespace dfp16::fast
