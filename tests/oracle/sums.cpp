#include "tests/oracle/sums.h"

#include <algorithm>

namespace oracle {

namespace {

const Wide kLowest = -(Wide(1) << 31);
const Wide kHighest = (Wide(1) << 31) - 1;

Wide products(const Pair& p) {
    return Wide(p.a0) * p.b0 + Wide(p.a1) * p.b1;
}

bool has_lowest(const Pair& p) {
    return p.a0 == -32768 || p.b0 == -32768 || p.a1 == -32768 || p.b1 == -32768;
}

/// The chains of a sum: each a run of pairs.
std::vector<std::vector<Pair>> chains_of(const Sum& sum, std::int64_t length) {
    std::vector<std::vector<Pair>> chains;
    for (const auto& part : sum) {
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (i % static_cast<std::size_t>(length) == 0) chains.emplace_back();
            chains.back().push_back(part[i]);
        }
    }
    return chains;
}

}  // namespace

Wide total(const Sum& sum) {
    Wide S = 0;
    for (const auto& part : sum) {
        for (const Pair& p : part) S += products(p);
    }
    return S;
}

std::int32_t modulo(const Wide& v) {
    const Wide modulus = Wide(1) << 32;
    Wide rest = v % modulus;  // with the sign of v
    if (rest < kLowest) rest += modulus;
    if (rest > kHighest) rest -= modulus;
    return rest.convert_to<std::int32_t>();
}

std::int32_t saturated(const Wide& v) {
    return std::clamp(v, kLowest, kHighest).convert_to<std::int32_t>();
}

float exact_policy(const Sum& sum, int k) {
    for (const auto& part : sum) {
        if (std::any_of(part.begin(), part.end(), has_lowest)) throw Error("-32768 in an operand");
    }
    return rn32({Integer(total(sum)), k});
}

float chain_policy(const Sum& sum, std::int64_t chain, int k) {
    float acc = 0.0f;
    for (const auto& pairs : chains_of(sum, chain)) acc = add(acc, rn32({modulo(total({pairs})), 0}));
    return rn32(exact(acc) * Dyadic{1, k});
}

std::int32_t wrap_policy(const Sum& sum) {
    return modulo(total(sum));
}

std::int32_t saturate_policy(const Sum& sum) {
    Wide acc = 0;
    for (const auto& part : sum) {
        for (const Pair& p : part) acc = saturated(acc + products(p));
    }
    return acc.convert_to<std::int32_t>();
}

Overflow overflow(const Sum& sum, std::int64_t chain) {
    Overflow result;
    Wide largest = 0;
    Wide partial = 0;
    std::int64_t number = 0;
    for (const auto& part : sum) {
        std::int64_t in_part = 0;
        for (const Pair& p : part) {
            if (chain > 0 && in_part % chain == 0) partial = 0;
            partial += products(p);
            largest = std::max<Wide>(largest, abs(partial));
            if (result.first_pair < 0 && (partial < kLowest || partial > kHighest)) result.first_pair = number;
            ++in_part;
            ++number;
        }
    }
    result.margin = 31 - (largest == 0 ? 0 : static_cast<int>(msb(largest)) + 1);
    return result;
}

bool certified(const std::vector<Pair>& chain) {
    Wide largest_a = 0;
    Wide l1_b = 0;
    for (const Pair& p : chain) {
        largest_a = std::max({largest_a, Wide(abs(Wide(p.a0))), Wide(abs(Wide(p.a1)))});
        l1_b += abs(Wide(p.b0)) + abs(Wide(p.b1));
    }
    return largest_a * l1_b < (Wide(1) << 31);
}

}  // namespace oracle
