// FP32 inputs of quantize, by class. Every element is a function of seed, suite, case, stream and index.
#pragma once

#include <cstdint>

#include "reference/interface/host_tensor.h"
#include "vectors/case_random.h"

namespace dfp16 {

enum class FloatFill {
    bell,
    wide,         ///< any sign, fraction, and exponent that the headroom allows
    ties,         ///< the quotient by 2^exponent is a multiple of 1/4
    below_power,  ///< just below powers of two: rounding reaches the limit and clamps
    walking,      ///< one, or all but one, of the fraction bits
    one_large,    ///< one element far above the rest
    largest,      ///< up to the largest FP32 number that the headroom allows
    subnormal,    ///< nothing above the smallest normal number
    zeros,        ///< of both signs
};

/// "bell", "below-power", ...
const char* name_of(FloatFill fill);

/// headroom: that of the quantize operation.
HostTensor float_tensor(FloatFill fill, const Shape& shape, int headroom, const CaseRandom& random,
                        std::uint32_t stream);

}  // namespace dfp16
