// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011), the only source
// of random numbers. A draw is a function of what it is for, never of the order of calls (contract section 4).
#pragma once

#include <array>
#include <cstdint>

namespace dfp16 {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// The ten rounds: four 32-bit words for one counter and key.
constexpr PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
    for (int round = 0; round < 10; ++round) {
        if (round > 0) {
            key[0] += 0x9E3779B9u;
            key[1] += 0xBB67AE85u;
        }
        const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * counter[0];
        const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * counter[2];
        counter = {
            static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
            static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    }
    return counter;
}

/// What a random number is for; the values are part of the contract (section 4).
enum class Purpose : std::uint32_t {
    quantize = 1,
    align = 2,
    down_convert = 3,
    initialize = 4,
    shuffle = 5,
    synthetic_image = 6,
    synthetic_label = 7,
    golden_case = 8,
    dropout = 9,
    augment = 10,
};

/// The stream of random words for one tensor at one step: word(i) belongs to element i.
struct RandomStream {
    std::uint64_t seed = 1;
    std::uint32_t step = 0;
    Purpose purpose = Purpose::quantize;
    std::uint32_t tensor = 0;  ///< 24 bits

    constexpr std::uint32_t word(std::uint64_t element) const { return words(element / 4)[element % 4]; }
    /// Of elements 4 * block to 4 * block + 3.
    constexpr PhiloxCounter words(std::uint64_t block) const {
        const PhiloxCounter counter = {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), step,
                                       (static_cast<std::uint32_t>(purpose) << 24) | (tensor & 0xFFFFFFu)};
        const PhiloxKey key = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
        return philox4x32(counter, key);
    }
};

}  // namespace dfp16
