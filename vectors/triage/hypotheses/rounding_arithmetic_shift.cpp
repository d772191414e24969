// Mantissas rounded by a plain arithmetic shift of the signed integer, with or without half added before.
#include <algorithm>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/rounding_variants.h"

namespace dfp16::triage {

namespace {

std::int64_t floor_shift(std::int64_t v, int shift, std::uint32_t) {
    return v >> std::min(shift, 63);
}

std::int64_t half_up(std::int64_t v, int shift, std::uint32_t) {
    return shift >= 62 ? 0 : (v + (std::int64_t{1} << (shift - 1))) >> shift;
}

}  // namespace

void hypothesis::rounding_arithmetic_shift(const Evidence& evidence, Trial& trial) {
    offer_roundings(evidence, trial, std::nullopt, "rounds toward minus infinity (arithmetic shift)", floor_shift);
    offer_roundings(evidence, trial, std::nullopt, "rounds to nearest, ties up (half added, then an arithmetic shift)",
                    half_up);
}

}  // namespace dfp16::triage
