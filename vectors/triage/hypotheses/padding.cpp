#include <algorithm>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/products.h"
#include "vectors/triage/tensor_axes.h"

namespace dfp16 {

namespace {

constexpr const char* kClass = "mis-padded";

/// Which input the window slides over; -1: none.
int slid_over(OpKind op) {
    switch (op) {
        case OpKind::conv_forward:
        case OpKind::conv_backward_data:
        case OpKind::conv_weight_gradient:
        case OpKind::max_pool_forward:
        case OpKind::max_pool_backward:
        case OpKind::average_pool_forward:
        case OpKind::average_pool_backward: return 0;
        default: return -1;
    }
}

/// A forward convolution of the input with its border repeated outward: the same as one without padding on a larger
/// input.
void add_repeated_border(Candidates& candidates) {
    Case changed = candidates.failed();
    if (changed.op != OpKind::conv_forward) return;
    auto& p = std::get<ConvParams>(changed.params);
    if (p.pad[0] == 0 && p.pad[1] == 0) return;
    const HostTensor x = changed.inputs[0];
    const ConvParams old = p;
    p.H += 2 * old.pad[0];
    p.W += 2 * old.pad[1];
    p.pad = {0, 0};
    HostTensor larger(x.type(), Shape{p.N, p.C, p.H, p.W});
    larger.exponent = x.exponent;
    if (x.type() != ElementType::mantissa) return;
    for (std::int64_t i = 0; i < larger.elements(); ++i) {
        const std::int64_t h = std::clamp<std::int64_t>(i / p.W % p.H - old.pad[0], 0, old.H - 1);
        const std::int64_t w = std::clamp<std::int64_t>(i % p.W - old.pad[1], 0, old.W - 1);
        const std::int64_t plane = i / (p.W * p.H);
        larger.mantissas()[static_cast<std::size_t>(i)] =
            x.mantissas()[static_cast<std::size_t>((plane * old.H + h) * old.W + w)];
    }
    changed.inputs[0] = larger;
    candidates.add_run(kClass, "the border is repeated where zeros belong", changed);
}

}  // namespace

void padding(Candidates& candidates) {
    const int input = slid_over(candidates.failed().op);
    if (input < 0) return;
    const HostTensor& x = candidates.failed().inputs[static_cast<std::size_t>(input)];
    for (int h = -2; h <= 2; ++h) {
        for (int w = -2; w <= 2; ++w) {
            if (h == 0 && w == 0) continue;
            Case changed = candidates.failed();
            changed.inputs[static_cast<std::size_t>(input)] = displaced(displaced(x, 2, h), 3, w);
            candidates.add_run(kClass,
                               "the input lies " + std::to_string(h) + " rows and " + std::to_string(w) +
                                   " columns from its place under the window",
                               changed);
        }
    }
    add_repeated_border(candidates);
}

}  // namespace dfp16
