// Contract section 6: DFP-16 to FP32, always exact.
#pragma once

#include <cmath>

#include "sim/types/exponent.h"
#include "sim/types/mantissa.h"

namespace dfp16 {

inline float dequantize(Mantissa mantissa, Exponent exponent) {
    return std::ldexp(static_cast<float>(mantissa.value), exponent.value);
}

}  // namespace dfp16
