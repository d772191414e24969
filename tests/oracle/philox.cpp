#include "tests/oracle/philox.h"

namespace oracle {

namespace {

struct Product {
    std::uint32_t high, low;
};

Product product(std::uint64_t a, std::uint64_t b) {
    return {static_cast<std::uint32_t>(a * b / 0x100000000u), static_cast<std::uint32_t>(a * b % 0x100000000u)};
}

}  // namespace

std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key) {
    std::array<std::uint32_t, 4> x = counter;
    for (std::uint32_t round = 0; round < 10; ++round) {
        // The Weyl sequence of the keys: golden ratio and sqrt(3) - 1.
        const std::uint32_t k0 = key[0] + round * 0x9E3779B9u;
        const std::uint32_t k1 = key[1] + round * 0xBB67AE85u;
        const Product even = product(0xD2511F53u, x[0]);
        const Product odd = product(0xCD9E8D57u, x[2]);
        x = {odd.high ^ x[1] ^ k0, odd.low, even.high ^ x[3] ^ k1, even.low};
    }
    return x;
}

std::uint32_t word(const Draw& draw, std::uint32_t purpose, std::uint64_t i) {
    const std::uint64_t group = i / 4;
    const auto words = philox(
        {static_cast<std::uint32_t>(group % 0x100000000u), static_cast<std::uint32_t>(group / 0x100000000u), draw.step,
         purpose * (1u << 24) + draw.tensor},
        {static_cast<std::uint32_t>(draw.seed % 0x100000000u), static_cast<std::uint32_t>(draw.seed / 0x100000000u)});
    return words[i % 4];
}

}  // namespace oracle
