#include <set>

#include "vectors/triage/hypotheses.h"

namespace dfp16 {

void chain_length(Candidates& candidates) {
    Case changed = candidates.failed();
    Accumulation* accumulation = accumulation_in(changed.params);
    if (accumulation == nullptr) return;
    if (accumulation->policy == Policy::exact) {
        accumulation->policy = Policy::chain;
        for (const std::int64_t length : {1, 2, 4, 8, 16, 32, 64, 128, 256}) {
            accumulation->chain = length;
            candidates.add_run("rounded accumulation",
                               "chains of " + std::to_string(length) + " pairs are added in FP32", changed);
        }
    } else if (accumulation->policy == Policy::chain) {
        const std::int64_t own = accumulation->chain;
        std::set<std::int64_t> lengths = {own - 1, own + 1, own / 2, 2 * own, own * 4};
        lengths.insert({1, 2, 4, 8, 16, 32, 64, 128, 256});
        lengths.erase(own);
        for (const std::int64_t length : lengths) {
            if (length < 1) continue;
            accumulation->chain = length;
            candidates.add_run("wrong chain length",
                               "chains of " + std::to_string(length) + " pairs, expected " + std::to_string(own),
                               changed);
        }
        accumulation->policy = Policy::exact;
        candidates.add_run("wrong chain length", "summed exactly, rounded once, where chains are added in FP32",
                           changed);
    }
}

}  // namespace dfp16
