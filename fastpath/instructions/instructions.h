// The contract's instructions (section 13) as this CPU executes them, or, where an ISA lacks one, in that ISA's own
// code.
#pragma once

#include <cstdint>

#include "fastpath/isa.h"
#include "reference/interface/operation.h"

namespace dfp16::fast {

/// Whether run_instruction takes it: kind is an instruction, has that width, and the CPU has the ISA.
bool instruction_supported(Isa isa, OpKind kind, const InstructionParams& params);

/// `count` executions. a, b, d as OpKind describes them; c (for VPMADDWD: what merge masking keeps) may be null where
/// it is not read; k, one mask for each execution, is null if unmasked. Throws InputError if it is not supported.
void run_instruction(Isa isa, OpKind kind, const InstructionParams& params, std::int64_t count, const std::int16_t* a,
                     const std::int16_t* b, const std::int32_t* c, const std::int32_t* k, std::int32_t* d);

}  // namespace dfp16::fast
