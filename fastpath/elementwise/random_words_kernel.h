// Philox4x32-10 (contract section 4), 16 blocks side by side.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

constexpr int kBlocks = 16;

struct PhiloxState {
    std::uint32_t word[4][kBlocks];
};

inline void philox_round(PhiloxState& state, std::uint32_t key0, std::uint32_t key1) {
    for (int i = 0; i < kBlocks; ++i) {
        const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * state.word[0][i];
        const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * state.word[2][i];
        state.word[0][i] = static_cast<std::uint32_t>(product1 >> 32) ^ state.word[1][i] ^ key0;
        state.word[1][i] = static_cast<std::uint32_t>(product1);
        state.word[2][i] = static_cast<std::uint32_t>(product0 >> 32) ^ state.word[3][i] ^ key1;
        state.word[3][i] = static_cast<std::uint32_t>(product0);
    }
}

void random_words_blocks(const RandomKey& key, std::uint64_t first, std::int64_t blocks,
                         std::uint32_t* __restrict words) {
    for (std::int64_t done = 0; done < blocks; done += kBlocks) {
        PhiloxState state;
        for (int i = 0; i < kBlocks; ++i) {
            const std::uint64_t block = first + static_cast<std::uint64_t>(done + i);
            state.word[0][i] = static_cast<std::uint32_t>(block);
            state.word[1][i] = static_cast<std::uint32_t>(block >> 32);
            state.word[2][i] = key.step;
            state.word[3][i] = key.tag;
        }
        for (std::uint32_t round = 0; round < 10; ++round) {
            philox_round(state, key.key[0] + round * 0x9E3779B9u, key.key[1] + round * 0xBB67AE85u);
        }
        const std::int64_t count = blocks - done < kBlocks ? blocks - done : kBlocks;
        for (std::int64_t i = 0; i < count; ++i) {
            for (int word = 0; word < 4; ++word) words[(done + i) * 4 + word] = state.word[word][i];
        }
    }
}

}  // namespace
}  // namespace dfp16::fast
