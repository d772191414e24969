// Mantissas rounded to nearest, ties to even, whatever the case asks for.
#include "sim/round.h"
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/rounding_variants.h"

namespace dfp16::triage {

void hypothesis::rounding_nearest_even(const Evidence& evidence, Trial& trial) {
    offer_roundings(evidence, trial, Rounding::nearest_even, "rounds to nearest, ties to even",
                    contract_round(Rounding::nearest_even));
}

}  // namespace dfp16::triage
