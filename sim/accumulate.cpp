#include "sim/accumulate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "sim/rn32.h"
#include "sim/types/error.h"

namespace dfp16 {

std::int64_t exact_sum(std::span<const Mantissa> a, std::span<const Mantissa> b) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::int32_t{a[i].value} * std::int32_t{b[i].value};
    return sum;
}

Accumulator wrap_sum(Accumulator acc, std::span<const Mantissa> a, std::span<const Mantissa> b) {
    auto sum = static_cast<std::uint32_t>(acc.value);  // unsigned: modulo 2^32 by definition of the language
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += static_cast<std::uint32_t>(std::int32_t{a[i].value} * std::int32_t{b[i].value});
    }
    return {static_cast<std::int32_t>(sum)};
}

float chain_sum(float acc, std::span<const Mantissa> a, std::span<const Mantissa> b, std::int64_t chain) {
    const std::size_t length =
        static_cast<std::size_t>(std::min<std::int64_t>(chain, static_cast<std::int64_t>(a.size()))) * 2;
    for (std::size_t begin = 0; begin < a.size(); begin += length) {
        const std::size_t count = std::min(length, a.size() - begin);
        acc += static_cast<float>(wrap_sum({0}, a.subspan(begin, count), b.subspan(begin, count)).value);
    }
    return acc;
}

Accumulator saturate_sum(Accumulator acc, std::span<const Mantissa> a, std::span<const Mantissa> b) {
    constexpr std::int64_t lowest = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t highest = std::numeric_limits<std::int32_t>::max();
    std::int64_t sum = acc.value;
    for (std::size_t i = 0; i < a.size(); i += 2) {
        sum += std::int64_t{a[i].value} * b[i].value + std::int64_t{a[i + 1].value} * b[i + 1].value;
        sum = std::clamp(sum, lowest, highest);
    }
    return {static_cast<std::int32_t>(sum)};
}

namespace {
[[noreturn]] void beyond_fp32() {
    throw InputError("result beyond FP32 (2^128 or more)");
}
}  // namespace

float scale_exact(std::int64_t sum, int k) {
    const std::uint64_t magnitude = sum < 0 ? 0 - static_cast<std::uint64_t>(sum) : static_cast<std::uint64_t>(sum);
    // The result is n * 2^quantum with n <= 2^24: 24 significant bits, fewer where it is subnormal.
    const int quantum = std::max(static_cast<int>(std::bit_width(magnitude)) - 24 + k, -149);
    const int shift = quantum - k;
    std::uint64_t n = magnitude;
    if (shift >= 64) {
        n = 0;  // 2^63 is half of the last place at most, and a tie goes to even
    } else if (shift > 0) {
        const std::uint64_t rest = magnitude & ((std::uint64_t{1} << shift) - 1);
        const std::uint64_t half = std::uint64_t{1} << (shift - 1);
        n = magnitude >> shift;
        if (rest > half || (rest == half && n % 2 == 1)) ++n;
    }
    const int exponent = shift > 0 ? quantum : k;
    if (n != 0 && static_cast<int>(std::bit_width(n)) + exponent > 128) beyond_fp32();
    const float result = std::ldexp(static_cast<float>(n), exponent);
    return sum < 0 ? -result : result;
}

float scale_chain(float acc, int k) {
    return rn32(std::ldexp(static_cast<double>(acc), k));  // exact, then one rounding
}

}  // namespace dfp16
