// Sums that are not reset: each goes on from that of the output before, or from the output's previous content.
#include <string>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::stale_accumulator(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    const Shape& shape = evidence.first_expected().shape;
    std::int64_t run = 1;
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
        run *= shape[axis];
        if (shape[axis] == 1) continue;
        model.stale_within = run;
        offer_sums(evidence, trial,
                   "each sum goes on from that of the output before, in runs of " + std::to_string(run), model);
    }
    for (const std::int64_t registers : {2, 4, 8, 16, 32, 64}) {
        model.stale_within = registers;
        offer_sums(evidence, trial,
                   "each sum goes on from that of the output before, in runs of " + std::to_string(registers), model);
    }
    model.stale_within = 0;
    model.change = [](std::vector<Term>& terms) {
        const std::vector<Term> once = terms;
        terms.insert(terms.end(), once.begin(), once.end());
    };
    offer_sums(evidence, trial, "results added onto those of a run before: every product counts twice", model);
}

}  // namespace dfp16::triage
