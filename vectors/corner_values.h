// Corner values of integers, chosen as Berkeley TestFloat chooses those of floating point: walking ones and zeros,
// extremes, sums of two powers, patterns.
#pragma once

#include <cstdint>
#include <vector>

namespace dfp16 {

enum class CornerClass { walking_ones, walking_zeros, extremes, two_powers, patterns };

/// "walking-ones", ...
const char* name_of(CornerClass corner);

/// Values of `bits` bits and a sign: magnitudes below 2^bits, with their negatives and neighbours. `lowest` adds
/// -2^bits, the one that symmetric mantissas leave out. Without repetition, ascending.
std::vector<std::int64_t> corner_values(CornerClass corner, int bits, bool lowest);

}  // namespace dfp16
