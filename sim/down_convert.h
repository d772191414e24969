// Contract section 6: INT32 with an exponent to DFP-16, by the leading-zero count of the largest magnitude.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/philox.h"
#include "sim/types/accumulator.h"
#include "sim/types/exponent.h"
#include "sim/types/mantissa.h"
#include "sim/types/rounding.h"

namespace dfp16 {

/// max|v|.
std::uint32_t largest_magnitude(std::span<const Accumulator> v);

/// What moves a tensor with this largest magnitude (not 0) and exponent into its mantissas. Throws InputError if the
/// new exponent, the sum of both, exceeds kExponentMax.
int down_convert_shift(std::uint32_t largest, Exponent exponent, int headroom);

/// Elements, from element `first` of their tensor on: writes y (as many as v).
void down_convert_elements(std::span<const Accumulator> v, std::size_t first, int shift, int headroom, Rounding mode,
                           const RandomStream& random, std::span<Mantissa> y);

/// A whole tensor: writes y (as many as v) and gives the new exponent. Throws InputError if that exceeds kExponentMax.
Exponent down_convert(std::span<const Accumulator> v, Exponent exponent, int headroom, Rounding mode,
                      const RandomStream& random, std::span<Mantissa> y);

}  // namespace dfp16
