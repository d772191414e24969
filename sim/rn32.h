// Contract section 1: RN32 of a binary64 value.
#pragma once

#include <cmath>

#include "sim/types/error.h"

namespace dfp16 {

/// Throws InputError beyond FP32 (2^128 or more, or no number).
inline float rn32(double value) {
    const auto rounded = static_cast<float>(value);
    if (!std::isfinite(rounded)) throw InputError("result beyond FP32 (2^128 or more)");
    return rounded;
}

}  // namespace dfp16
