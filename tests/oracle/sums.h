// Contract section 5: sums of products, the certificate and the overflow oracle.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/oracle/exact.h"

namespace oracle {

/// ((a0, b0), (a1, b1)).
struct Pair {
    std::int16_t a0 = 0, b0 = 0, a1 = 0, b1 = 0;
};

/// One output's pairs in their order. A chain ends at each part's end (the images of a weight-gradient; one part
/// otherwise).
using Sum = std::vector<std::vector<Pair>>;

/// S.
Wide total(const Sum& sum);

/// The four policies; k = ea + eb. Throw Error for a result beyond FP32, and `exact_policy` for -32768.
float exact_policy(const Sum& sum, int k);
float chain_policy(const Sum& sum, std::int64_t chain, int k);
std::int32_t wrap_policy(const Sum& sum);
std::int32_t saturate_policy(const Sum& sum);

/// v mod 2^32, and v brought into INT32.
std::int32_t modulo(const Wide& v);
std::int32_t saturated(const Wide& v);

/// What the overflow oracle says of one output.
struct Overflow {
    std::int64_t first_pair = -1;  ///< -1: none
    int margin = 31;
    friend bool operator==(const Overflow&, const Overflow&) = default;
};
/// Chains of at most `chain` pairs, or one chain only (0: policies wrap and saturate).
Overflow overflow(const Sum& sum, std::int64_t chain);

/// max|a| * sum |b| < 2^31.
bool certified(const std::vector<Pair>& chain);

}  // namespace oracle
