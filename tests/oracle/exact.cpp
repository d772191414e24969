#include "tests/oracle/exact.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace oracle {

Integer power_of_two(int exponent) { return Integer(1) << exponent; }

Dyadic operator+(const Dyadic& a, const Dyadic& b) {
    const int exponent = std::min(a.exponent, b.exponent);
    return {a.n * power_of_two(a.exponent - exponent) + b.n * power_of_two(b.exponent - exponent), exponent};
}

Dyadic operator-(const Dyadic& a, const Dyadic& b) {
    return a + Dyadic{-b.n, b.exponent};
}

Dyadic operator*(const Dyadic& a, const Dyadic& b) {
    return {a.n * b.n, a.exponent + b.exponent};
}

Dyadic exact(float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t field = bits / (1u << 23) % 256;
    Integer significand = bits % (1u << 23);
    if (field == 255) throw Error("not finite");
    if (field > 0) significand += 1 << 23;
    if (bits >> 31 != 0) significand = -significand;
    return {significand, static_cast<int>(std::max(field, 1u)) - 127 - 23};
}

int floor_log2(const Dyadic& v) {
    return static_cast<int>(msb(abs(v.n))) + v.exponent;
}

float rn32(const Dyadic& v) {
    if (v.n == 0) return 0.0f;
    // In units of the result's last place, which is never below 2^-149.
    const int unit = std::max(floor_log2(v), -126) - 23;
    const Integer magnitude = abs(v.n);
    Integer units;
    if (v.exponent >= unit) {
        units = magnitude << (v.exponent - unit);
    } else {
        const int drop = unit - v.exponent;
        units = magnitude >> drop;
        const Integer twice_rest = (magnitude - (units << drop)) * 2;
        const Integer one = Integer(1) << drop;
        if (twice_rest > one || (twice_rest == one && units % 2 == 1)) ++units;
    }
    if (units != 0 && floor_log2({units, unit}) >= 128) throw Error("beyond FP32");
    auto u = units.convert_to<std::uint32_t>();
    std::uint32_t field = static_cast<std::uint32_t>(unit + 149);  // of 2^23 units and more: one more
    if (u == 1u << 24) {
        u /= 2;
        ++field;
    }
    // The leading one of a normal significand adds the one that its field lacks.
    const std::uint32_t bits = field * (1u << 23) + u;
    return std::bit_cast<float>(v.n < 0 ? bits + (1u << 31) : bits);
}

float rn32_quotient(const Dyadic& a, const Dyadic& b) {
    if (a.n == 0) return 0.0f;
    // At least 64 significant bits, the last of which says whether anything follows: rounds as the quotient does.
    const Integer divisor = abs(b.n);
    const unsigned scale = static_cast<unsigned>(msb(divisor)) + 64;
    const Integer dividend = abs(a.n) << scale;
    Integer n = dividend / divisor * 2;
    if (dividend % divisor != 0) ++n;
    if ((a.n < 0) != (b.n < 0)) n = -n;
    return rn32({n, a.exponent - b.exponent - static_cast<int>(scale) - 1});
}

float rn32_sqrt(const Dyadic& v) {
    // At least 64 significant bits under an even exponent; then as in a quotient.
    const int scale = 128 + (v.exponent % 2 != 0 ? 1 : 0);
    Integer rest;
    const Integer root = sqrt(Integer(v.n << scale), rest);
    return rn32({root * 2 + (rest != 0 ? 1 : 0), (v.exponent - scale) / 2 - 1});
}

namespace {

bool negative(float x) {
    return std::bit_cast<std::uint32_t>(x) >> 31 != 0;
}

/// RN32 of a sum; an exact zero is -0 if both terms are negative (they are zeros then), +0 otherwise.
float rounded_sum(const Dyadic& sum, bool first_negative, bool second_negative) {
    if (sum.n == 0 && first_negative && second_negative) return -0.0f;
    return rn32(sum);
}

/// A zero product or quotient of factors with these signs.
float zero(bool first_negative, bool second_negative) {
    return first_negative != second_negative ? -0.0f : 0.0f;
}

}  // namespace

float add(float a, float b) {
    return rounded_sum(exact(a) + exact(b), negative(a), negative(b));
}
float subtract(float a, float b) {
    return rounded_sum(exact(a) - exact(b), negative(a), !negative(b));
}
float multiply(float a, float b) {
    const Dyadic product = exact(a) * exact(b);
    return product.n == 0 ? zero(negative(a), negative(b)) : rn32(product);
}
float divide(float a, float b) {
    const Dyadic dividend = exact(a);
    return dividend.n == 0 ? zero(negative(a), negative(b)) : rn32_quotient(dividend, exact(b));
}
float fma(float a, float b, float c) {
    return rounded_sum(exact(a) * exact(b) + exact(c), negative(a) != negative(b), negative(c));
}
float sqrt(float a) {
    return rn32_sqrt(exact(a));
}

}  // namespace oracle
