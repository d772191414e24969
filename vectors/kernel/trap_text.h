// What a signal in the child means, in words.
#pragma once

#include <vector>

#include "vectors/kernel/arena.h"
#include "vectors/kernel/control.h"
#include "vectors/kernel/trial_tensor.h"
#include "vectors/kernel_fault.h"

namespace dfp16::kernel {

/// The inputs and outputs of the case, as they were placed in the arena.
KernelFault fault_of(const Trap& trap, const Arena& arena, const std::vector<TrialTensor>& inputs,
                     const std::vector<TrialTensor>& outputs);

}  // namespace dfp16::kernel
