#include "sim/down_convert.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include "sim/mantissa_limit.h"
#include "sim/round.h"
#include "sim/types/error.h"

namespace dfp16 {

std::uint32_t largest_magnitude(std::span<const Accumulator> v) {
    std::uint32_t largest = 0;
    for (const Accumulator a : v) {
        const auto bits = static_cast<std::uint32_t>(a.value);
        largest = std::max(largest, a.value < 0 ? 0 - bits : bits);
    }
    return largest;
}

int down_convert_shift(std::uint32_t largest, Exponent exponent, int headroom) {
    const int shift =
        std::max({0, static_cast<int>(std::bit_width(largest)) - (15 - headroom), kExponentMin - exponent.value});
    if (exponent.value + shift > kExponentMax) {
        throw InputError("exponent " + std::to_string(exponent.value + shift) +
                         " after down-conversion, expected at most " + std::to_string(kExponentMax));
    }
    return shift;
}

void down_convert_elements(std::span<const Accumulator> v, std::size_t first, int shift, int headroom, Rounding mode,
                           const RandomStream& random, std::span<Mantissa> y) {
    for (std::size_t i = 0; i < v.size(); ++i) {
        const std::uint32_t word = mode == Rounding::stochastic ? random.word(first + i) : 0;
        y[i] = clamp_mantissa(round_shift(v[i].value, shift, mode, word), headroom);
    }
}

Exponent down_convert(std::span<const Accumulator> v, Exponent exponent, int headroom, Rounding mode,
                      const RandomStream& random, std::span<Mantissa> y) {
    const std::uint32_t largest = largest_magnitude(v);
    if (largest == 0) {
        std::fill(y.begin(), y.end(), Mantissa{0});
        return {kExponentMin};
    }
    const int shift = down_convert_shift(largest, exponent, headroom);
    down_convert_elements(v, 0, shift, headroom, mode, random, y);
    return {exponent.value + shift};
}

}  // namespace dfp16
