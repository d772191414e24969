// Contract section 5: what a sum of INT16 products becomes under each policy. Operands are given in the contract's
// order (section 7), two neighbours being a pair; both spans have the same even size.
#pragma once

#include <cstdint>
#include <span>

#include "sim/types/accumulator.h"
#include "sim/types/mantissa.h"

namespace dfp16 {

/// Policy `exact`, before its one rounding: S.
std::int64_t exact_sum(std::span<const Mantissa> a, std::span<const Mantissa> b);

/// Policy `chain`, before its scaling: acc after the chains of this list, each of at most `chain` pairs. Called once
/// per list, where lists (images in weight-gradient) end chains.
float chain_sum(float acc, std::span<const Mantissa> a, std::span<const Mantissa> b, std::int64_t chain);

/// Policy `wrap`: S mod 2^32.
Accumulator wrap_sum(Accumulator acc, std::span<const Mantissa> a, std::span<const Mantissa> b);

/// Policy `saturate`: clamped to INT32 after each pair.
Accumulator saturate_sum(Accumulator acc, std::span<const Mantissa> a, std::span<const Mantissa> b);

/// RN32(sum * 2^k). Throws InputError beyond FP32.
float scale_exact(std::int64_t sum, int k);

/// RN32(acc * 2^k). Throws InputError beyond FP32.
float scale_chain(float acc, int k);

}  // namespace dfp16
