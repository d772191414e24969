// The overflow certificate of packed operands (contract section 5).
#pragma once

#include <cstdint>
#include <limits>

#include "fastpath/dot_tile/vector_ops.h"

namespace dfp16::fast {

/// A chain length that no list reaches.
inline constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();

/// The largest L1 norm that meets |a| <= largest_a within INT32.
constexpr std::int64_t l1_limit(std::int64_t largest_a) {
    return largest_a == 0 ? kUnbounded : ((std::int64_t{1} << 31) - 1) / largest_a;
}

/// The longest power of two L such that every chain of L pairs of packed [pairs][lanes][2], counted from the first, has
/// an L1 norm within `limit` in every lane; kUnbounded if the whole list has. No element is -32768, and limit >= 65534.
std::int64_t certified_chain(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs, std::int64_t lanes,
                             std::int64_t limit);

}  // namespace dfp16::fast
