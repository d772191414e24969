// Products that are summed twice: the last pair, or what a last vector reads again to be whole.
#include <algorithm>
#include <string>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

namespace {

/// The last `block` of the innermost elements counted as a whole vector, though some belong to the vector before.
void overlap(std::vector<Term>& terms, std::int64_t block) {
    std::int64_t size = 0;
    for (const Term& term : terms) size = std::max(size, term.a == kPartner ? 0 : term.inner + 1);
    if (size < block || size % block == 0) return;
    std::vector<Term> twice;
    for (const Term& term : terms) {
        if (term.a != kPartner && term.inner >= size - block && term.inner < size / block * block)
            twice.push_back(term);
    }
    if (twice.size() % 2 == 1) twice.emplace_back();
    terms.insert(terms.end(), twice.begin(), twice.end());
}

}  // namespace

void hypothesis::double_counted(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op) && !is_instruction(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    model.change = [](std::vector<Term>& terms) { terms.insert(terms.end(), terms.end() - 2, terms.end()); };
    offer_sums(evidence, trial, "the last pair of each sum counts twice", model);
    model.change = [](std::vector<Term>& terms) { terms.insert(terms.begin(), terms.begin(), terms.begin() + 2); };
    offer_sums(evidence, trial, "the first pair of each sum counts twice", model);
    for (const std::int64_t block : {4, 8, 16, 32, 64}) {
        model.change = [block](std::vector<Term>& terms) { overlap(terms, block); };
        offer_sums(evidence, trial,
                   "a last vector of " + std::to_string(block) + " counts what the one before it has counted", model);
    }
}

}  // namespace dfp16::triage
