// What the kernels share. Internal linkage: each per-ISA source has its own copy.
#pragma once

#include <cstdint>

#include "fastpath/elementwise/kernel_table.h"

namespace dfp16::fast {
namespace {

inline std::int32_t bits_of(float value) {
    return __builtin_bit_cast(std::int32_t, value);
}
inline float float_of(std::int32_t bits) {
    return __builtin_bit_cast(float, bits);
}

/// v + kMagic holds v rounded to an integer, ties to even, in its low bits, for |v| < 2^22; beyond, any integer.
constexpr float kMagic = 12582912.0f;  // 1.5 * 2^23
inline std::int32_t nearest_integer(float v) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits_of(v + kMagic)) -
                                     static_cast<std::uint32_t>(bits_of(kMagic)));
}

/// What every limit of a mantissa lies within.
constexpr float kBeyondMantissas = 65536.0f;

/// toward zero; beyond the mantissas, as under a guess of the exponent that is wrong, what clamp_to() makes the limit.
inline std::int32_t integer_part(float v) {
    const float low = v > -kBeyondMantissas ? v : -kBeyondMantissas;
    return static_cast<std::int32_t>(low < kBeyondMantissas ? low : kBeyondMantissas);
}

inline std::int32_t clamp_to(std::int32_t v, std::int32_t limit) {
    const std::int32_t low = v < -limit ? -limit : v;
    return low > limit ? limit : low;
}

inline std::int16_t mantissa_of(float v, const ToMantissas& to) {
    return static_cast<std::int16_t>(clamp_to(nearest_integer(v * to.scale), to.limit));
}

inline std::uint32_t magnitude_of(std::int32_t v) {
    return v < 0 ? std::uint32_t{0} - static_cast<std::uint32_t>(v) : static_cast<std::uint32_t>(v);
}

/// a < b of unsigned words by a signed comparison, which every vector ISA has.
inline bool below(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a ^ 0x80000000u) < static_cast<std::int32_t>(b ^ 0x80000000u);
}

/// round(v * 2^-shift), nearest even or toward zero.
inline std::int32_t shift_round(std::int32_t v, const ShiftRounding& r) {
    const std::uint32_t magnitude = magnitude_of(v);
    const std::uint32_t f = ((magnitude & r.keep) + r.bias + ((magnitude >> r.shift) & r.odd)) >> r.shift;
    const auto result = static_cast<std::int32_t>(f);
    return v < 0 ? -result : result;
}

/// The same where r.direct is set: shifting right is rounding down, also below zero.
inline std::int32_t shift_round_direct(std::int32_t v, const ShiftRounding& r) {
    return (v + static_cast<std::int32_t>(r.bias) + ((v >> r.shift) & static_cast<std::int32_t>(r.odd))) >> r.shift;
}

/// round(v * 2^-shift), stochastic.
inline std::int32_t shift_round(std::int32_t v, const ShiftRounding& r, std::uint32_t word) {
    const std::uint32_t magnitude = magnitude_of(v);
    const std::uint32_t f = (magnitude & r.keep) >> r.shift;
    const std::uint32_t t = ((magnitude & r.fraction) << r.left) >> r.right;
    const auto result = static_cast<std::int32_t>(f + (below(word, t) ? 1u : 0u));
    return v < 0 ? -result : result;
}

inline void copy_flat(const std::int16_t* __restrict from, std::int64_t count, std::int16_t* __restrict to) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = from[i];
}

}  // namespace
}  // namespace dfp16::fast
