// The value of one element of a DFP-16 tensor, as FP32.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>

#include "reference/interface/host_tensor.h"
#include "sim/dequantize.h"
#include "sim/types/error.h"

namespace dfp16 {

/// Throws InputError that names the element if it is beyond FP32 (contract section 6, dequantize).
inline float value_of(const HostTensor& x, std::size_t i) {
    const float value = dequantize(x.mantissas()[i], x.exponent);
    if (!std::isfinite(value))
        throw InputError("element " + std::to_string(i) + ": result beyond FP32 (2^128 or more)");
    return value;
}

}  // namespace dfp16
