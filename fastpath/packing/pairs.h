// The pairs of a sum in the contract's order (section 7), and where their chains end.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/types/policy.h"

namespace dfp16::fast {

/// Two neighbours of the summed channels at one tap. `number` is the pair's place in the output's list.
struct TapPair {
    std::int32_t number = 0;
    std::int32_t channel = 0;
    std::int32_t r = 0;
    std::int32_t s = 0;
    bool odd = false;  ///< the second one is the contract's zero
};

/// Blocks of 16 channels, within a block r, then s, then the channels in pairs.
std::vector<TapPair> tap_pairs(std::int64_t channels, std::int64_t R, std::int64_t S);

/// Lengths of the chains of a list of `pairs` pairs under a policy other than exact, whose chains are
/// certified_chains(). chain: chains of `accumulation.chain`; else one.
std::vector<std::int64_t> chains_of(std::int64_t pairs, const Accumulation& accumulation);

/// The same for the pairs that are left of a list (the others being zeros): under `chain` the list's own numbers count.
std::vector<std::int64_t> chains_of(const std::vector<TapPair>& pairs, const Accumulation& accumulation);

}  // namespace dfp16::fast
