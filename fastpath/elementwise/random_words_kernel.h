// Philox4x32-10 (contract section 4), 16 blocks side by side.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

struct PhiloxBlock {
    std::uint32_t c0, c1, c2, c3;
};

inline PhiloxBlock philox_round(PhiloxBlock block, const RandomKey& key, std::uint32_t round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * block.c0;
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * block.c2;
    return {static_cast<std::uint32_t>(product1 >> 32) ^ block.c1 ^ (key.key[0] + round * 0x9E3779B9u),
            static_cast<std::uint32_t>(product1),
            static_cast<std::uint32_t>(product0 >> 32) ^ block.c3 ^ (key.key[1] + round * 0xBB67AE85u),
            static_cast<std::uint32_t>(product0)};
}

/// The ten rounds, written out: the loop over blocks around them is the one to become vectors.
inline PhiloxBlock philox(PhiloxBlock block, const RandomKey& key) {
    block = philox_round(block, key, 0);
    block = philox_round(block, key, 1);
    block = philox_round(block, key, 2);
    block = philox_round(block, key, 3);
    block = philox_round(block, key, 4);
    block = philox_round(block, key, 5);
    block = philox_round(block, key, 6);
    block = philox_round(block, key, 7);
    block = philox_round(block, key, 8);
    return philox_round(block, key, 9);
}

void random_words_blocks(const RandomKey& fixed, std::uint64_t first, std::int64_t blocks,
                         std::uint32_t* __restrict words) {
    const RandomKey key = fixed;
    for (std::int64_t done = 0; done < blocks; done += kLanes) {
        std::uint32_t low[kLanes];
        std::uint32_t high[kLanes];
        std::uint32_t result[4][kLanes];
        for (int i = 0; i < kLanes; ++i) {
            const std::uint64_t block = first + static_cast<std::uint64_t>(done + i);
            low[i] = static_cast<std::uint32_t>(block);
            high[i] = static_cast<std::uint32_t>(block >> 32);
        }
        for (int i = 0; i < kLanes; ++i) {
            const PhiloxBlock block = philox({low[i], high[i], key.step, key.tag}, key);
            result[0][i] = block.c0;
            result[1][i] = block.c1;
            result[2][i] = block.c2;
            result[3][i] = block.c3;
        }
        const std::int64_t count = blocks - done < kLanes ? blocks - done : kLanes;
        for (std::int64_t i = 0; i < count; ++i) {
            for (int word = 0; word < 4; ++word) words[(done + i) * 4 + word] = result[word][i];
        }
    }
}

}  // namespace
}  // namespace dfp16::fast
