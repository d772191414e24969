// The innermost elements beyond the last whole vector, in every run of them, that are not summed.
#include <algorithm>
#include <string>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

namespace {

/// Leaves the pairs where they are.
void drop_tail(std::vector<Term>& terms, std::int64_t block) {
    std::int64_t size = 0;
    for (const Term& term : terms) size = std::max(size, term.a == kPartner ? 0 : term.inner + 1);
    for (Term& term : terms) {
        if (term.inner >= size / block * block) term.a = term.b = kPartner;
    }
}

}  // namespace

void hypothesis::dropped_tail(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op)) return;
    for (const std::int64_t block : {2, 4, 8, 16, 32, 64}) {
        SumModel model = contract_model(evidence.inputs);
        model.change = [block](std::vector<Term>& terms) { drop_tail(terms, block); };
        offer_sums(evidence, trial,
                   block == 2 ? std::string("a last odd element is not summed")
                              : "elements beyond the last whole " + std::to_string(block) + " are not summed",
                   model);
    }
}

}  // namespace dfp16::triage
