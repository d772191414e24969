#include "fastpath/packing/pairs.h"

#include <algorithm>

namespace dfp16::fast {

std::vector<TapPair> tap_pairs(std::int64_t channels, std::int64_t R, std::int64_t S) {
    std::vector<TapPair> pairs(static_cast<std::size_t>((channels + 1) / 2 * R * S));
    std::int32_t number = 0;
    const auto all = static_cast<std::int32_t>(channels);
    for (std::int32_t block = 0; block < all; block += 16) {
        const std::int32_t end = std::min(block + 16, all);
        for (std::int32_t r = 0; r < R; ++r) {
            for (std::int32_t s = 0; s < S; ++s) {
                for (std::int32_t c = block; c < end; c += 2, ++number) {
                    pairs[static_cast<std::size_t>(number)] = {number, c, r, s, c + 1 == end};
                }
            }
        }
    }
    return pairs;
}

std::vector<std::int64_t> chains_of(std::int64_t pairs, const Accumulation& accumulation) {
    const std::int64_t length = accumulation.policy == Policy::chain ? accumulation.chain : pairs;
    std::vector<std::int64_t> chains;
    for (; pairs > length; pairs -= length) chains.push_back(length);
    if (pairs > 0) chains.push_back(pairs);
    return chains;
}

std::vector<std::int64_t> chains_of(const std::vector<TapPair>& pairs, const Accumulation& accumulation) {
    if (accumulation.policy != Policy::chain) return chains_of(static_cast<std::int64_t>(pairs.size()), accumulation);
    std::vector<std::int64_t> chains;
    std::int64_t current = -1;
    for (const TapPair& pair : pairs) {
        const std::int64_t chain = pair.number / accumulation.chain;
        if (chain != current) chains.push_back(0);
        current = chain;
        ++chains.back();
    }
    return chains;
}

}  // namespace dfp16::fast
