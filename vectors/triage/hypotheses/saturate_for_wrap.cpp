// INT32 sums clamped after each pair where they should wrap.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::saturate_for_wrap(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::wrap) return;
    model.kind = SumKind::saturate;
    offer_sums(evidence, trial, "sums saturate instead of wrapping", model);
    model.kind = SumKind::saturate_products;
    offer_sums(evidence, trial, "sums saturate, after each product, instead of wrapping", model);
    model.kind = SumKind::saturate_end;
    offer_sums(evidence, trial, "sums are clamped at their end instead of wrapping", model);
}

}  // namespace dfp16::triage
