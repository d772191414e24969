#pragma once

namespace dfp16 {

/// The shared exponent (scale 2^value) of a DFP-16 tensor.
struct Exponent {
    int value = 0;
    friend bool operator==(Exponent, Exponent) = default;
};

/// The range of exponents that a stored DFP-16 tensor may have (contract section 2): every mantissa times 2^exponent
/// is then a finite FP32 number, and never a subnormal one.
inline constexpr int kExponentMin = -126;
inline constexpr int kExponentMax = 113;

/// Headroom bits: mantissas stay within +-(2^(15 - headroom) - 1).
inline constexpr int kHeadroomMax = 14;
inline constexpr int kHeadroomDefault = 2;

}  // namespace dfp16
