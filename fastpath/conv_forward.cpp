#include <array>
#include <utility>

#include "fastpath/products.h"
#include "fastpath/products_check.h"
#include "fastpath/products_windows.h"

namespace dfp16::fast {

namespace {

// One window, whose pixel (p, q) has its origin at (p * sh - ph, q * sw - pw).
WindowProduct window_product(const ConvParams& conv) {
    WindowProduct product;
    product.accumulation = conv.accumulation;
    product.in = {conv.N, conv.C, conv.H, conv.W, conv.groups};
    product.out = {conv.N, conv.K, conv.P, conv.Q, conv.groups};
    product.before = conv.pad;
    product.in_step = conv.stride;
    const std::int64_t channels = conv.C / conv.groups;
    product.weight_channel = conv.R * conv.S;
    product.weight_lane = channels * conv.R * conv.S;
    product.weight_group = conv.K / conv.groups * product.weight_lane;
    product.weight_row = conv.S;
    product.weight_taps = conv.R * conv.S;
    const TapPairs pairs = all_pairs(channels, conv.R, conv.S);
    TapWindow window{pairs, pairs.tap_rows, pairs.tap_cols, 0, 0, conv.P, conv.Q};
    product.windows.push_back(std::move(window));
    flatten_pointwise(conv, product);
    return product;
}

}  // namespace

void conv_forward(const Products& products, const ConvParams& conv, Operand x, Operand w, Result y) {
    const std::array x_shape{conv.N, conv.C, conv.H, conv.W};
    const std::array w_shape{conv.K, conv.C / conv.groups, conv.R, conv.S};
    const std::array y_shape{conv.N, conv.K, conv.P, conv.Q};
    const Policy policy = conv.accumulation.policy;
    const BroadcastBound bound = check_operand(products, policy, {"x", x_shape, true}, x);
    const BroadcastBound of_weights = check_operand(products, policy, {"w", w_shape, false}, w);
    WindowProduct product = window_product(conv);
    product.largest_weight = of_weights.largest;
    product.result = {"y", y_shape, true};
    run_windows(products, std::move(product), x.mantissas, bound, w.mantissas, scale_of(x, w), y);
}

}  // namespace dfp16::fast
