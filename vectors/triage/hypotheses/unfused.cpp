// Policy fma with a product that is rounded before it is added.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::unfused(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::fma) return;
    model.kind = SumKind::float_products;
    offer_sums(evidence, trial, "products rounded before they are added: no fma", model);
}

}  // namespace dfp16::triage
