// The compiled loops for an ISA.
#pragma once

#include "fastpath/dot_tile/vector_ops_table.h"
#include "fastpath/isa.h"
#include "sim/types/policy.h"

namespace dfp16::fast {

const VectorOps& vector_ops(Isa isa);

DotTile compiled_dot_tile(Isa isa, Policy policy);

/// Bits of the smallest magnitude beyond FP32.
inline constexpr std::uint32_t kBeyondFp32 = 0x7F800000u;

/// sums, of the policy's type, to results. Gives the bits of the largest magnitude: kBeyondFp32 or more where a result
/// is beyond FP32; 0 for integers.
std::uint32_t finish(Isa isa, Policy policy, const FinishArguments& arguments);

/// The same to mantissas: policies exact and chain.
std::uint32_t quantize(Isa isa, Policy policy, const QuantizeArguments& arguments);

/// Bytes of one sum: INT64 under exact, else 4.
constexpr std::int64_t sum_bytes(Policy policy) {
    return policy == Policy::exact ? 8 : 4;
}

}  // namespace dfp16::fast
