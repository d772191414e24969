// Chains added in FP32 where the case asks for one exact sum.
#include <string>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::chain_for_exact(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::exact) return;
    model.kind = SumKind::chain;
    const auto length = static_cast<std::int64_t>(terms_of(evidence.inputs, 0, model.geometry).size());
    for (const std::int64_t pairs : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}) {
        model.chain = pairs * 2;
        if (model.chain >= length) continue;  // one chain: missing-spill
        offer_sums(evidence, trial,
                   "chains of " + std::to_string(pairs) + " pairs, added in FP32, instead of one exact sum", model);
    }
}

}  // namespace dfp16::triage
