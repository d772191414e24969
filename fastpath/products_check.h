// What the policy `exact` asks of its operands, and `exact` and `chain` of their results.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "fastpath/packing/certificate.h"
#include "fastpath/products.h"

namespace dfp16::fast {

/// A tensor as messages name it: its logical dimensions, and how it lies in memory.
struct Named {
    const char* name = "";
    std::span<const std::int64_t> shape;  ///< 2 dimensions or (N, C, H, W)
    bool blocked = false;                 ///< blocked with `shape`[1] as channels

    /// Elements in memory.
    std::int64_t elements() const;
    /// "y (0,3,5,7)" for an element's place in memory.
    std::string element(std::int64_t place) const;
};

/// The largest magnitude: 32768 where there is a -32768.
std::int32_t largest_magnitude(const Products& products, const std::int16_t* mantissas, std::int64_t elements);

/// What is known of an operand under `exact`, or found: the largest magnitude. Throws InputError for -32768. (Under the
/// other policies, which take any operand and need no bound, not looked for.)
BroadcastBound check_operand(const Products& products, Policy policy, const Named& tensor, const Operand& operand);

/// Throws InputError for the first result that is not finite.
[[noreturn]] void throw_beyond_fp32(const Named& tensor, const float* results);

/// 2^(ea + eb), with exponents that no result survives cut so that the power stays within binary64.
double scale_of(const Operand& a, const Operand& b);

}  // namespace dfp16::fast
