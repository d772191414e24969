// Contract section 6: INT32 with an exponent to DFP-16, by the leading-zero count of the largest magnitude.
#pragma once

#include <span>

#include "sim/philox.h"
#include "sim/types/accumulator.h"
#include "sim/types/exponent.h"
#include "sim/types/mantissa.h"
#include "sim/types/rounding.h"

namespace dfp16 {

/// Writes y (as many as v) and gives the new exponent. Throws InputError if that exceeds kExponentMax.
Exponent down_convert(std::span<const Accumulator> v, Exponent exponent, int headroom, Rounding mode,
                      const RandomStream& random, std::span<Mantissa> y);

}  // namespace dfp16
