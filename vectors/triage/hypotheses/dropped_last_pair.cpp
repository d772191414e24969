// A pair at the end, or the begin, of each sum that is left out.
#include <algorithm>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::dropped_last_pair(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    model.change = [](std::vector<Term>& terms) { terms.resize(terms.size() - 2); };
    offer_sums(evidence, trial, "the last pair of each sum is left out", model);
    model.change = [](std::vector<Term>& terms) { terms.erase(terms.begin(), terms.begin() + 2); };
    offer_sums(evidence, trial, "the first pair of each sum is left out", model);
    model.change = [](std::vector<Term>& terms) {
        const auto real = std::find_if(terms.rbegin(), terms.rend(), [](const Term& t) { return t.a != kPartner; });
        if (real != terms.rend()) *real = Term{};
    };
    offer_sums(evidence, trial, "the last product of each sum is left out", model);
}

}  // namespace dfp16::triage
