// Contract section 3.
#pragma once

#include <cstdint>

#include "tests/oracle/exact.h"

namespace oracle {

enum class Rounding { nearest_even, toward_zero, stochastic };

/// round(n / 2^shift, mode, r); Int holds |n| * 2^32 and 2^(shift + 32).
template <typename Int>
Int round(const Int& n, int shift, Rounding mode, std::uint32_t r) {
    const Int magnitude = n < 0 ? Int(-n) : n;
    const Int one = Int(1) << shift;
    const Int f = magnitude >> shift;
    const Int fraction = magnitude - (f << shift);  // of `one`
    const Int t = (fraction << 32) >> shift;
    bool up = false;
    if (mode == Rounding::nearest_even) up = 2 * fraction > one || (2 * fraction == one && f % 2 == 1);
    if (mode == Rounding::stochastic) up = r < t;
    const Int result = up ? Int(f + 1) : f;
    return n < 0 ? Int(-result) : result;
}

/// round(v, mode, r).
inline Integer round(const Dyadic& v, Rounding mode, std::uint32_t r) {
    if (v.exponent >= 0) return v.n * power_of_two(v.exponent);
    return round<Integer>(v.n, -v.exponent, mode, r);
}

}  // namespace oracle
