// Chains that also end where they should not: at each tap, or each row of a gradient.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::chain_per_tap(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::chain) return;
    model.taps_end_chains = true;
    const bool gradient = evidence.inputs.op == OpKind::conv_weight_gradient;
    offer_sums(evidence, trial, gradient ? "chains end at each row of the gradient" : "chains end at each tap", model);
}

}  // namespace dfp16::triage
