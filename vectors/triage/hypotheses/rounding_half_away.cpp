// Mantissas rounded to nearest, ties away from zero: half is added to the magnitude.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/rounding_variants.h"

namespace dfp16::triage {

namespace {

std::int64_t half_away(std::int64_t v, int shift, std::uint32_t) {
    if (shift >= 62) return 0;
    const std::int64_t magnitude = ((v < 0 ? -v : v) + (std::int64_t{1} << (shift - 1))) >> shift;
    return v < 0 ? -magnitude : magnitude;
}

}  // namespace

void hypothesis::rounding_half_away(const Evidence& evidence, Trial& trial) {
    offer_roundings(evidence, trial, std::nullopt, "rounds to nearest, ties away from zero", half_away);
}

}  // namespace dfp16::triage
