// Contract section 6: the elementwise product of two DFP-16 tensors, before its down-conversion.
#pragma once

#include "sim/types/accumulator.h"
#include "sim/types/mantissa.h"

namespace dfp16 {

constexpr Accumulator multiply(Mantissa a, Mantissa b) {
    return {std::int32_t{a.value} * std::int32_t{b.value}};
}

}  // namespace dfp16
