// What may be wrong with a kernel: each adds what it would answer then, one a file (hypotheses/NAME.cpp).
#pragma once

#include "vectors/triage/candidates.h"

namespace dfp16 {

void rounding_mode(Candidates& candidates);      ///< toward zero, ties away, stochastic, ...
void saturation(Candidates& candidates);         ///< saturates for wraps, and the reverse
void missing_spill(Candidates& candidates);      ///< one INT32 sum where chains end
void chain_length(Candidates& candidates);       ///< chains of another length; rounded accumulation
void exponent(Candidates& candidates);           ///< all results off by a power of two; another headroom
void pairs_swapped(Candidates& candidates);      ///< even and odd operands exchanged on one side
void unsigned_operand(Candidates& candidates);   ///< INT16 read as UINT16
void transposed(Candidates& candidates);         ///< axes of an operand or of the output exchanged; filter turned
void padding(Candidates& candidates);            ///< the input is displaced under the window; the border repeats
void stale_accumulator(Candidates& candidates);  ///< sums go on from those before, or count twice
void dropped_tail(Candidates& candidates);       ///< the last operands, pairs, blocks or images are left out
void relu(Candidates& candidates);               ///< a ReLU too many or too few
void masking(Candidates& candidates);            ///< merge for zero masking, and the reverse

}  // namespace dfp16
