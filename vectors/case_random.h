// Random words for the data of golden cases: a function of seed, suite, case, stream and element, of nothing else
// (docs/vectors.md).
#pragma once

#include <cstdint>

#include "sim/philox.h"

namespace dfp16 {

enum class SuiteId : std::uint32_t {
    instructions = 1,
    dfp = 2,
    gemm = 3,
    conv = 4,
    pool = 5,
    lrn = 6,
    dropout = 7,
    concat = 8,
    batch_norm = 9,
    softmax = 10,
    sgd = 11,
    steps = 12,
};

/// The words of one set of data. Cases that share `number` (the same inputs under several policies) share their words.
struct CaseRandom {
    std::uint64_t seed = 1;
    SuiteId suite = SuiteId::conv;
    std::uint32_t number = 0;

    /// stream: 16 bits; what the word is for, within the case.
    constexpr std::uint32_t word(std::uint32_t stream, std::uint64_t element) const {
        return RandomStream{seed, number, Purpose::golden_case, static_cast<std::uint32_t>(suite) << 16 | stream}.word(
            element);
    }
    /// Uniform in [low, high], with high - low < 2^32.
    constexpr std::int64_t uniform(std::uint32_t stream, std::uint64_t element, std::int64_t low,
                                   std::int64_t high) const {
        const std::uint64_t range = static_cast<std::uint64_t>(high - low) + 1;
        const std::uint64_t scaled = static_cast<std::uint64_t>(word(stream, element)) * range >> 32;
        return low + static_cast<std::int64_t>(scaled);
    }
};

}  // namespace dfp16
