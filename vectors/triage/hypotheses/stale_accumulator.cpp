#include "vectors/triage/hypotheses.h"
#include "vectors/triage/products.h"

namespace dfp16 {

void stale_accumulator(Candidates& candidates) {
    constexpr const char* kClass = "stale accumulator";
    const Case& failed = candidates.failed();
    Case copy = failed;
    const Accumulation* accumulation = accumulation_in(copy.params);
    if (accumulation == nullptr || accumulation->policy == Policy::fma) return;
    const HostTensor& expected = candidates.expected()[0];
    const std::vector<std::int64_t> sums = sums_of(failed, integers_of(failed.inputs[0]), integers_of(failed.inputs[1]),
                                                   static_cast<std::size_t>(expected.elements()));
    const auto add = [&](const std::string& words, const std::vector<std::int64_t>& stale) {
        candidates.add(kClass, words, results_of(failed, expected, stale));
    };
    std::vector<std::int64_t> twice = sums;
    std::vector<std::int64_t> running = sums;
    std::vector<std::int64_t> previous = sums;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        twice[i] += sums[i];
        if (i > 0) previous[i] += sums[i - 1];
        if (i > 0) running[i] += running[i - 1];
    }
    add("every product counts twice", twice);
    add("each sum goes on from the one before", running);
    add("each sum begins with the sum before", previous);
    for (const std::size_t tile : {2u, 4u, 6u, 8u, 12u, 14u, 16u, 28u, 32u}) {
        std::vector<std::int64_t> tiled = sums;
        for (std::size_t i = tile; i < tiled.size(); ++i) tiled[i] += tiled[i - tile];
        add("each sum goes on from the one " + std::to_string(tile) + " elements before", tiled);
    }
}

}  // namespace dfp16
