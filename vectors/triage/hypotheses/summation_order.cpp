// Products summed in another order; counts for chain, saturate and fma.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

namespace {

using Place = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
using Key = std::function<Place(const Term&)>;

/// Sorts by place and pairs neighbours anew.
void reorder(std::vector<Term>& terms, const Key& key) {
    std::erase_if(terms, [](const Term& t) { return t.a == kPartner && t.b == kPartner; });
    std::stable_sort(terms.begin(), terms.end(), [&](const Term& x, const Term& y) { return key(x) < key(y); });
    if (terms.size() % 2 == 1) terms.push_back({kPartner, kPartner, 0, 0, terms.back().image});
}

}  // namespace

void hypothesis::summation_order(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op)) return;
    const SumModel right = contract_model(evidence.inputs);
    if (right.kind == SumKind::exact || right.kind == SumKind::wrap) return;
    const auto with = [&](const std::string& words, const Key& key) {
        SumModel model = right;
        model.change = [&](std::vector<Term>& terms) { reorder(terms, key); };
        offer_sums(evidence, trial, words, model);
    };
    const bool gradient = evidence.inputs.op == OpKind::conv_weight_gradient;
    with(gradient ? "q outside p" : "channels outside the taps", [](const Term& t) {
        return Place{t.image, t.inner, t.tap};
    });
    with(gradient ? "p, then q, pairs across rows" : "taps outside all channels, without blocks of 16",
         [](const Term& t) {
             return Place{t.image, t.tap, t.inner};
         });
    for (const std::int64_t block : {4, 8, 32, 64}) {
        if (gradient) break;
        with("blocks of " + std::to_string(block) + " channels instead of 16", [block](const Term& t) {
            return Place{t.inner / block, t.tap, t.inner};
        });
    }
    with("from the last to the first", [](const Term& t) { return Place{-t.image, -t.tap, -t.inner}; });
}

}  // namespace dfp16::triage
