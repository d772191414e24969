// The instructions on tensors (contract section 13).
#pragma once

#include <span>

#include "reference/interface/operation.h"
#include "sim/types/accumulator.h"
#include "sim/types/mantissa.h"

namespace dfp16 {

/// c and k are empty where the form has none.
struct InstructionOperands {
    std::span<const Mantissa> a, b;
    std::span<const Accumulator> c, k;
};

void run_instruction(OpKind kind, const InstructionParams& params, const InstructionOperands& operands,
                     std::span<Accumulator> d);

}  // namespace dfp16
