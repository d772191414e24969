// Policy exact where the case asks for chains.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::exact_for_chain(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::chain) return;
    model.kind = SumKind::exact;
    offer_sums(evidence, trial, "one exact sum, rounded once, instead of chains", model);
    model.kind = SumKind::chain_saturate;
    offer_sums(evidence, trial, "chains that saturate instead of wrapping", model);
}

}  // namespace dfp16::triage
