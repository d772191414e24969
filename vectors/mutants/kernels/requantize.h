// How the kernels round: integers shifted right, results clamped to mantissas, one exponent for all.
#pragma once

#include <cstdint>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "sim/philox.h"
#include "vectors/mutants/kernels/call.h"

namespace dfp16::mutants {

/// v * 2^-shift, |v| <= 2^32, shift >= 0.
std::int64_t round_right(std::int64_t v, int shift, Rounding mode, std::uint32_t word, Bug bug);

/// The random word of an element.
std::uint32_t word_of(const RandomStream& stream, std::size_t i, Bug bug);

/// +-(2^(15 - headroom) - 1)
std::int64_t clamp_mantissa(std::int64_t m, int headroom, Bug bug);

/// Integers with one exponent to the mantissas of y.
void requantize(const std::vector<std::int64_t>& v, int exponent, const RoundingParams& rounding, const Call& call,
                HostTensor& y);

}  // namespace dfp16::mutants
