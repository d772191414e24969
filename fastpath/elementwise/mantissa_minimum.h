// -32768 as an operand of multiply and add is an error (contract section 6).
#pragma once

#include <cstdint>

#include "fastpath/tensor.h"
#include "sim/types/error.h"

namespace dfp16::fast {

/// What stands for the largest magnitude of a tile with such an operand: no INT32 has it.
inline constexpr std::uint32_t kForbiddenOperand = 0xFFFFFFFFu;

/// Throws InputError if `x` has such an element, naming the one of the smallest index.
inline void reject_int16_min(const Tensor& x) {
    std::int64_t first = -1;
    for (std::int64_t i = 0; i < x.layout.elements(); ++i) {
        if (x.mantissas()[i] != INT16_MIN) continue;
        const std::int64_t index = x.layout.logical_index(i);
        if (first < 0 || index < first) first = index;
    }
    if (first >= 0) throw InputError(message_at(x, first, "mantissa -32768") + ", expected at least -32767");
}

}  // namespace dfp16::fast
