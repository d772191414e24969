// Contract section 6: FP32 to DFP-16.
#pragma once

#include <cstddef>
#include <span>

#include "sim/philox.h"
#include "sim/types/exponent.h"
#include "sim/types/mantissa.h"
#include "sim/types/rounding.h"

namespace dfp16 {

/// The exponent for a tensor whose largest magnitude is `largest` (finite, >= 0).
Exponent exponent_for(float largest, int headroom);

/// One element: clamp(round(x * 2^-exponent)), exponent >= exponent_for(|x|, headroom). `random` counts for stochastic
/// rounding only.
Mantissa quantize_element(float x, Exponent exponent, int headroom, Rounding mode, std::uint32_t random);

/// max|x|. Throws InputError for NaN and Inf, naming the index; x[0] is element `first` of its tensor.
float largest_magnitude(std::span<const float> x, std::size_t first = 0);

/// Elements as above, from element `first` of their tensor on: writes y (as many as x).
void quantize_elements(std::span<const float> x, std::size_t first, Exponent exponent, int headroom, Rounding mode,
                       const RandomStream& random, std::span<Mantissa> y);

/// A whole tensor: writes y (as many as x) and gives the exponent. Throws InputError for NaN and Inf, naming the index.
Exponent quantize(std::span<const float> x, int headroom, Rounding mode, const RandomStream& random,
                  std::span<Mantissa> y);

}  // namespace dfp16
