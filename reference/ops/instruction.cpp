#include "reference/ops/instruction.h"

#include <string>

#include "sim/instructions/instruction.h"
#include "sim/instructions/vp4dpwssd.h"
#include "sim/instructions/vp4dpwssds.h"
#include "sim/instructions/vpdpwssd.h"
#include "sim/instructions/vpdpwssds.h"
#include "sim/instructions/vpmaddwd.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

const Instruction& instruction_of(OpKind kind) {
    switch (kind) {
        case OpKind::vpmaddwd: return vpmaddwd;
        case OpKind::vpdpwssd: return vpdpwssd;
        case OpKind::vpdpwssds: return vpdpwssds;
        case OpKind::vp4dpwssd: return vp4dpwssd;
        case OpKind::vp4dpwssds: return vp4dpwssds;
        default: throw InputError(std::string(name_of(kind)) + " is not an instruction");
    }
}

}  // namespace

void run_instruction(OpKind kind, const InstructionParams& params, const InstructionOperands& operands,
                     std::span<Accumulator> d) {
    execute(instruction_of(kind), params.width, params.masking, operands.a, operands.b, operands.c, operands.k, d);
}

}  // namespace dfp16
