// Mantissas rounded toward zero, whatever the case asks for.
#include "sim/round.h"
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/rounding_variants.h"

namespace dfp16::triage {

void hypothesis::rounding_toward_zero(const Evidence& evidence, Trial& trial) {
    offer_roundings(evidence, trial, Rounding::toward_zero, "rounds toward zero",
                    contract_round(Rounding::toward_zero));
}

}  // namespace dfp16::triage
