#pragma once

#include <cstdint>

namespace dfp16 {

/// What a sum of INT16 products becomes (contract section 5). `fma`: the operands are FP32, a layer that a run keeps so.
enum class Policy { exact, chain, wrap, saturate, fma };

/// An accumulation policy with its chain length. The length is in pairs and is used by `chain` (and by the overflow
/// oracle, which counts what would leave INT32 at that length).
struct Accumulation {
    Policy policy = Policy::exact;
    std::int64_t chain = 64;
    friend bool operator==(const Accumulation&, const Accumulation&) = default;
};

}  // namespace dfp16
