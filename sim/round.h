// Contract section 3: how a value between two integers becomes one of them.
#pragma once

#include <cstdint>

#include "sim/types/rounding.h"

namespace dfp16 {

/// round(v * 2^-shift, mode, random) for |v| < 2^32 and shift >= 0. `random` counts for stochastic rounding only.
constexpr std::int64_t round_shift(std::int64_t v, int shift, Rounding mode, std::uint32_t random) {
    const std::uint64_t magnitude = v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
    if (shift == 0) return v;
    if (shift >= 64) return 0;  // the fraction is below 2^-32: no mode rounds it up
    std::uint64_t floor = magnitude >> shift;
    const std::uint64_t rest = magnitude & ((std::uint64_t{1} << shift) - 1);
    switch (mode) {
        case Rounding::nearest_even: {
            const std::uint64_t half = std::uint64_t{1} << (shift - 1);
            if (rest > half || (rest == half && floor % 2 == 1)) ++floor;
            break;
        }
        case Rounding::toward_zero: break;
        case Rounding::stochastic: {
            const std::uint64_t fraction = shift <= 32 ? rest << (32 - shift) : rest >> (shift - 32);
            if (random < fraction) ++floor;
            break;
        }
    }
    return v < 0 ? -static_cast<std::int64_t>(floor) : static_cast<std::int64_t>(floor);
}

}  // namespace dfp16
