// The FP32 result of an exact sum rounded toward zero.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::fp32_toward_zero(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::exact) return;
    model.kind = SumKind::truncate;
    offer_sums(evidence, trial, "sums rounded toward zero to FP32", model);
}

}  // namespace dfp16::triage
