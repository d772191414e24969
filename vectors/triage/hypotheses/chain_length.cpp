// Chains of another length.
#include <algorithm>
#include <string>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::chain_length(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op)) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::chain) return;
    const std::int64_t right = model.chain;
    const auto length = static_cast<std::int64_t>(terms_of(evidence.inputs, 0, model.geometry).size());
    const std::string pairs = std::to_string(right / 2) + " pairs";
    const auto with = [&](std::int64_t elements, const std::string& words) {
        if (elements < 1 || elements == right || elements >= length) return;  // one chain: missing-spill
        model.chain = elements;
        offer_sums(evidence, trial, words, model);
    };
    with(right / 2, "chains of " + std::to_string(right / 2) + " elements for " + pairs + ": half the length");
    with(right / 4 * 2, "chains of half the length for " + pairs);
    with(right * 2, "chains of double the length for " + pairs);
    with(right - 2, "chains one pair shorter than " + pairs);
    with(right + 2, "chains one pair longer than " + pairs);
    with(right - 1, "chains one element shorter than " + pairs);
    with(right + 1, "chains one element longer than " + pairs);
    for (const std::int64_t other : {1, 8, 16, 32, 64, 128, 256}) {
        with(other * 2, "chains of " + std::to_string(other) + " pairs for " + pairs);
    }
}

}  // namespace dfp16::triage
