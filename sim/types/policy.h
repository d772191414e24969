#pragma once

#include <cstdint>

namespace dfp16 {

/// What a sum of INT16 products becomes (contract section 5).
enum class Policy { exact, chain, wrap, saturate };

/// An accumulation policy with its chain length. The length is in pairs and is used by `chain` (and by the overflow
/// oracle, which counts what would leave INT32 at that length).
struct Accumulation {
    Policy policy = Policy::exact;
    std::int64_t chain = 64;
    friend bool operator==(const Accumulation&, const Accumulation&) = default;
};

}  // namespace dfp16
