// Rounding modes and headrooms as numbers.
#pragma once

#include "sim/types/exponent.h"
#include "sim/types/rounding.h"
#include "vectors/dpi/guard.h"

namespace dfp16::dpi {

/// 0 nearest-even, 1 toward-zero, 2 stochastic. Throws InputError for another number.
inline Rounding rounding_of(int number) {
    require_range("rounding", number, 0, 2);
    return number == 0 ? Rounding::nearest_even : number == 1 ? Rounding::toward_zero : Rounding::stochastic;
}

inline void check_headroom(int headroom) {
    require_range("headroom", headroom, 0, kHeadroomMax);
}

}  // namespace dfp16::dpi
