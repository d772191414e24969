// INT32 sums that wrap where they should be clamped.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::wrap_for_saturate(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::saturate) return;
    model.kind = SumKind::wrap;
    offer_sums(evidence, trial, "sums wrap instead of saturating", model);
}

}  // namespace dfp16::triage
