#include "fastpath/packing/pairs.h"

namespace dfp16::fast {

std::vector<std::int64_t> chains_of(std::int64_t pairs, const Accumulation& accumulation) {
    const std::int64_t length = accumulation.policy == Policy::chain ? accumulation.chain : pairs;
    std::vector<std::int64_t> chains;
    for (; pairs > length; pairs -= length) chains.push_back(length);
    if (pairs > 0) chains.push_back(pairs);
    return chains;
}

std::vector<std::int64_t> chains_of(const TapPairs& pairs, const Accumulation& accumulation) {
    if (accumulation.policy != Policy::chain || pairs.all_taps()) return chains_of(pairs.size(), accumulation);
    std::vector<std::int64_t> chains;
    std::int64_t current = -1;
    for (std::int64_t block = 0; block < pairs.blocks(); ++block) {
        const std::int64_t of_tap = pairs.tap_pairs(block, 0);
        for (const std::int64_t r : pairs.tap_rows) {
            for (const std::int64_t s : pairs.tap_cols) {
                for (std::int64_t pair = 0; pair < of_tap; ++pair) {
                    const std::int64_t place = 8 * block * pairs.R * pairs.S + (r * pairs.S + s) * of_tap + pair;
                    const std::int64_t chain = place / accumulation.chain;
                    if (chain != current) chains.push_back(0);
                    current = chain;
                    ++chains.back();
                }
            }
        }
    }
    return chains;
}

}  // namespace dfp16::fast
