// An FP32 result of one INT32 sum: the chains are never spilled.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::missing_spill(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::exact && model.kind != SumKind::chain) return;
    model.kind = SumKind::int32_wrap;
    offer_sums(evidence, trial, "one INT32 sum that wraps: nothing is spilled before it overflows", model);
    model.kind = SumKind::int32_saturate;
    offer_sums(evidence, trial, "one INT32 sum that saturates: nothing is spilled before it overflows", model);
}

}  // namespace dfp16::triage
