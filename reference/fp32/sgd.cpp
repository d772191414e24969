// SGD with momentum and weight decay (contract section 12).
#include <bit>
#include <cmath>

#include "reference/fp32/operations.h"
#include "sim/types/error.h"

namespace dfp16::fp32 {

namespace {

/// The largest magnitude's bits: as integers they are in the order of magnitude, Inf and NaN above all numbers.
std::int32_t largest_bits(const float* w, std::int64_t first, std::int64_t end) {
    std::int32_t largest = 0;
    for (std::int64_t i = first; i < end; ++i) {
        const std::int32_t bits = std::bit_cast<std::int32_t>(w[i]) & 0x7fffffff;
        largest = bits > largest ? bits : largest;
    }
    return largest;
}

void check_finite(const Call& call, const float* w, std::int64_t first, std::int64_t end) {
    constexpr std::int32_t kInfinity = 0x7f800000;
    if (largest_bits(w, first, end) < kInfinity) return;
    const float* bad = std::find_if_not(w + first, w + end, [](float x) { return std::isfinite(x); });
    throw InputError(call.element(call.operation.outputs[0], bad - w) + ": " + std::to_string(*bad) +
                     " after the update, expected a finite number");
}

}  // namespace

void sgd_update(const Call& call) {
    const auto& params = call.params<SgdParams>();
    const float rate = call.run.learning_rate;
    const float* w_old = call.input(0);
    const float* v_old = call.input(1);
    const float* dw = call.input(2);
    float* w = call.output(0);
    float* v = call.output(1);
    for_parts(call.pool, call.input_tensor(0).elements(), [&](std::int64_t first, std::int64_t end) {
        for (std::int64_t i = first; i < end; ++i) {
            const float g = params.weight_decay * w_old[i] + dw[i];
            const float velocity = params.momentum * v_old[i] + g;
            v[i] = velocity;
            w[i] = w_old[i] - rate * velocity;
        }
        check_finite(call, w, first, end);
    });
}

}  // namespace dfp16::fp32
