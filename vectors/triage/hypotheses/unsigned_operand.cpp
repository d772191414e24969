// An INT16 operand of a sum of products read as unsigned.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::unsigned_operand(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind == SumKind::fma) return;
    const auto with = [&](bool a, bool b, const std::string& words) {
        model.unsigned_a = a;
        model.unsigned_b = b;
        offer_sums(evidence, trial, words + " read as unsigned", model);
    };
    const std::string a = evidence.operands.inputs[a_input(evidence.inputs.op)].name;
    const std::string b = evidence.operands.inputs[b_input(evidence.inputs.op)].name;
    with(true, false, a);
    with(false, true, b);
    with(true, true, a + " and " + b);
}

}  // namespace dfp16::triage
