// Contract section 5: the overflow certificate.
#pragma once

#include <cstdint>

namespace dfp16 {

/// Whether a chain that starts at zero stays in INT32 at every partial sum: largest_a >= |a| for all a that can meet
/// it, l1_b = sum of |b| over the chain.
constexpr bool certified(std::int64_t largest_a, std::int64_t l1_b) {
    return largest_a == 0 || l1_b <= ((std::int64_t{1} << 31) - 1) / largest_a;
}

}  // namespace dfp16
