// FP32 to mantissas in two passes: the largest magnitude by blocks of 16, then the conversion.
#include <algorithm>
#include <bit>
#include <cmath>

#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/requantize.h"

namespace dfp16::mutants {

namespace {

/// Blocks of 16 lanes, then the tail, then the lanes.
float largest_magnitude(const std::vector<float>& x, Bug bug) {
    float lanes[kLanes] = {};
    const std::size_t whole = x.size() / kLanes * kLanes;
    const std::size_t end = bug == Bug::quantize_maximum_without_tail && whole > 0 ? whole : x.size();
    for (std::size_t i = 0; i < end; ++i) {
        float v = bug == Bug::quantize_maximum_without_abs ? x[i] : std::fabs(x[i]);
        if (bug == Bug::quantize_flushes_subnormals && v < 0x1p-126f) v = 0.0f;
        lanes[i % kLanes] = std::max(lanes[i % kLanes], v);
    }
    return *std::max_element(lanes, lanes + kLanes);
}

int exponent_for(float largest, int headroom, Bug bug) {
    const int spare = bug == Bug::quantize_headroom_ignored ? 14 : 14 - headroom;
    if (largest == 0.0f) return bug == Bug::quantize_exponent_of_zeros ? 0 : kExponentMin;
    int log = std::ilogb(largest);
    if (bug == Bug::quantize_exponent_from_log2)
        log = static_cast<int>(std::floor(static_cast<float>(std::log2(static_cast<double>(largest)))));
    if (bug == Bug::quantize_smallest_exponent_ignored) return log - spare;
    return std::max(log - spare, kExponentMin);
}

/// The significand and its exponent: x = significand * 2^exponent.
struct Parts {
    std::int64_t significand;
    int exponent;
};

Parts split(float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const int field = static_cast<int>(bits >> 23 & 0xFF);
    const auto fraction = static_cast<std::int64_t>(bits & 0x7FFFFF);
    const std::int64_t significand = field == 0 ? fraction : fraction | 0x800000;
    return {bits >> 31 != 0 ? -significand : significand, field == 0 ? -149 : field - 150};
}

}  // namespace

void quantize(const Call& call) {
    const auto& rounding = std::get<RoundingParams>(call.params);
    const std::vector<float>& x = call.in[0]->fp32();
    HostTensor& y = *call.out[0];
    const int own = exponent_for(largest_magnitude(x, call.bug), rounding.headroom, call.bug);
    const int exponent = call.bug == Bug::quantize_exponent_one_step_late ? call.state.last_exponent : own;
    call.state.last_exponent = own;
    y.exponent = {exponent};
    const RandomStream stream{call.context.seed, call.context.step, Purpose::quantize, rounding.tensor};
    const bool draws = rounding.rounding == Rounding::stochastic;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const Parts parts = split(x[i]);
        if (call.bug == Bug::quantize_flushes_subnormals && std::fabs(x[i]) < 0x1p-126f) {
            y.mantissas()[i].value = 0;
            continue;
        }
        const std::uint32_t word = draws ? word_of(stream, i, call.bug) : 0;
        const int shift = std::max(exponent - parts.exponent, 0);
        const std::int64_t m = round_right(parts.significand, shift, rounding.rounding, word, call.bug);
        y.mantissas()[i].value = static_cast<std::int16_t>(clamp_mantissa(m, rounding.headroom, call.bug));
    }
}

void dequantize(const Call& call) {
    const HostTensor& x = *call.in[0];
    std::vector<float>& y = call.out[0]->fp32();
    for (std::size_t i = 0; i < y.size(); ++i) {
        const int m = int16_at(x, i);
        // As sign and magnitude: the magnitude in INT16 loses -32768.
        const auto magnitude = static_cast<std::int16_t>(static_cast<std::uint16_t>(m < 0 ? -m : m));
        float value = static_cast<float>(m);
        if (call.bug == Bug::dequantize_magnitude_in_int16) {
            value = m < 0 ? -static_cast<float>(magnitude) : static_cast<float>(magnitude);
        }
        if (call.bug == Bug::dequantize_zero_extends) value = static_cast<float>(static_cast<std::uint16_t>(m));
        y[i] = std::ldexp(value, x.exponent.value);
    }
}

}  // namespace dfp16::mutants
