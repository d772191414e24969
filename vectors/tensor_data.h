// What the elements of an input tensor are, by class. Every element is a function of seed, suite, case, stream and
// index.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "vectors/case_random.h"

namespace dfp16 {

enum class Fill {
    uniform,       ///< over the whole range
    bell,          ///< a sum of four uniform numbers, as weights and activations are distributed
    relu,          ///< uniform, negative values being zero
    walking_ones,  ///< the corner classes, drawn at random from their values
    walking_zeros,
    extremes,
    two_powers,
    patterns,
    zeros,
    one_large,  ///< one element at the limit, the rest -1, 0 or 1
    largest,    ///< every element at the limit
    lowest,     ///< extremes and, half of the elements, -2^bits
};

/// "uniform", "walking-ones", ...
const char* name_of(Fill fill);

/// All fills whose values stay within +-(2^bits - 1), i.e. all but `lowest`.
const std::vector<Fill>& symmetric_fills();

/// `count` integers with magnitudes below 2^bits (bits <= 31).
std::vector<std::int64_t> integers(Fill fill, std::int64_t count, int bits, const CaseRandom& random,
                                   std::uint32_t stream);

/// The same as a tensor: 15 - headroom bits; exponent 0.
HostTensor mantissa_tensor(Fill fill, const Shape& shape, int headroom, const CaseRandom& random, std::uint32_t stream);
/// 31 bits; exponent 0.
HostTensor accumulator_tensor(Fill fill, const Shape& shape, const CaseRandom& random, std::uint32_t stream);

}  // namespace dfp16
