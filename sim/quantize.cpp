#include "sim/quantize.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include "sim/mantissa_limit.h"
#include "sim/round.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// |x| = significand * 2^exponent, from the bits.
struct Decoded {
    bool negative;
    std::uint32_t significand;
    int exponent;
};

Decoded decode(float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t fraction = bits & 0x7FFFFFu;
    const int biased = static_cast<int>(bits >> 23 & 0xFF);
    const bool negative = bits >> 31 != 0;
    if (biased == 0) return {negative, fraction, -149};
    return {negative, fraction | 0x800000u, biased - 150};
}

bool is_finite(float x) {
    return (std::bit_cast<std::uint32_t>(x) & 0x7F800000u) != 0x7F800000u;
}

}  // namespace

Exponent exponent_for(float largest, int headroom) {
    const Decoded d = decode(largest);
    if (d.significand == 0) return {kExponentMin};
    const int ilogb = std::bit_width(d.significand) - 1 + d.exponent;
    return {std::max(ilogb - (14 - headroom), kExponentMin)};
}

Mantissa quantize_element(float x, Exponent exponent, int headroom, Rounding mode, std::uint32_t random) {
    const Decoded d = decode(x);
    const std::int64_t significand = d.negative ? -std::int64_t{d.significand} : std::int64_t{d.significand};
    // The shift is 9 or more: exponent_for() keeps at most 15 of 24 bits.
    return clamp_mantissa(round_shift(significand, exponent.value - d.exponent, mode, random), headroom);
}

float largest_magnitude(std::span<const float> x, std::size_t first) {
    float largest = 0.0f;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!is_finite(x[i])) {
            throw InputError("element " + std::to_string(first + i) + " is " + (x[i] != x[i] ? "NaN" : "infinite") +
                             ", expected finite numbers");
        }
        largest = std::max(largest, x[i] < 0 ? -x[i] : x[i]);
    }
    return largest;
}

void quantize_elements(std::span<const float> x, std::size_t first, Exponent exponent, int headroom, Rounding mode,
                       const RandomStream& random, std::span<Mantissa> y) {
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::uint32_t word = mode == Rounding::stochastic ? random.word(first + i) : 0;
        y[i] = quantize_element(x[i], exponent, headroom, mode, word);
    }
}

Exponent quantize(std::span<const float> x, int headroom, Rounding mode, const RandomStream& random,
                  std::span<Mantissa> y) {
    const Exponent exponent = exponent_for(largest_magnitude(x), headroom);
    quantize_elements(x, 0, exponent, headroom, mode, random, y);
    return exponent;
}

}  // namespace dfp16
