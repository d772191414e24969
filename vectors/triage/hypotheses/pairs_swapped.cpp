// Even and odd element of each pair of one operand exchanged.
#include <utility>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::pairs_swapped(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    for (const bool of_a : {true, false}) {
        SumModel model = contract_model(evidence.inputs);
        model.change = [of_a](std::vector<Term>& terms) {
            for (std::size_t i = 0; i + 1 < terms.size(); i += 2) {
                if (of_a) {
                    std::swap(terms[i].a, terms[i + 1].a);
                } else {
                    std::swap(terms[i].b, terms[i + 1].b);
                }
            }
        };
        const std::size_t operand = of_a ? a_input(evidence.inputs.op) : b_input(evidence.inputs.op);
        offer_sums(evidence, trial, "even and odd of " + evidence.operands.inputs[operand].name + "'s pairs exchanged",
                   model);
    }
}

}  // namespace dfp16::triage
