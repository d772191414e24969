// Contract section 13: lanes, vectors and masks, the same for every instruction. The files beside this one hold one
// instruction each.
#pragma once

#include <span>

#include "sim/types/accumulator.h"
#include "sim/types/mantissa.h"
#include "sim/types/masking.h"

namespace dfp16 {

/// One instruction: `lane` gives d of one lane from its c and its pairs, one pair a step.
struct Instruction {
    const char* name;
    int steps;     ///< 1, or 4 for the forms that read four registers of a (512 bits only)
    bool reads_c;  ///< all but VPMADDWD, which has c only for merging
    Accumulator (*lane)(Accumulator c, std::span<const Mantissa> a, std::span<const Mantissa> b);
};

/// Runs `count` vectors of `width` bits, lanes = width / 32. Row-major: d, c (count, lanes); k (count): mask bits, lane
/// j in bit j, higher bits ignored; 1 step: a, b (count, lanes*2); 4 steps: a (count, 4*lanes*2), the four registers
/// one after the other, b (count, 8). k is empty without masking; c may be empty for VPMADDWD without merging. count
/// follows from d. Throws InputError for a form that the instruction does not have, and for sizes that disagree.
void execute(const Instruction& instruction, int width, Masking masking, std::span<const Mantissa> a,
             std::span<const Mantissa> b, std::span<const Accumulator> c, std::span<const Accumulator> k,
             std::span<Accumulator> d);

}  // namespace dfp16
