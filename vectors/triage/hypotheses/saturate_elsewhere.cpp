// INT32 sums clamped at another place than after each pair.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::saturate_elsewhere(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::saturate) return;
    model.kind = SumKind::saturate_products;
    offer_sums(evidence, trial, "clamps after each product instead of each pair", model);
    model.kind = SumKind::saturate_end;
    offer_sums(evidence, trial, "clamps once, at the end, instead of after each pair", model);
}

}  // namespace dfp16::triage
