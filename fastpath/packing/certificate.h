// The overflow certificate of packed operands (contract section 5).
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/dot_tile/vector_ops.h"

namespace dfp16::fast {

/// What is known of the operand that packed vectors are multiplied by: its magnitudes are at most `largest`; without
/// negative elements, a chain's partial sums lie between what its negative and what its positive products sum to.
struct BroadcastBound {
    std::int64_t largest = 32767;
    bool non_negative = false;
};

/// Cuts a list of pairs, packed [pairs][lanes][2], into the longest chains, of whole units of pairs, that cannot
/// overflow INT32 in any lane. No element is -32768.
std::vector<std::int64_t> certified_chains(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs,
                                           std::int64_t lanes, const BroadcastBound& bound);

}  // namespace dfp16::fast
