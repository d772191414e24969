#include "tests/oracle/dfp.h"

#include <algorithm>

namespace oracle {

namespace {

constexpr std::uint32_t kQuantize = 1;
constexpr std::uint32_t kAlign = 2;
constexpr std::uint32_t kDownConvert = 3;

std::int16_t clamped(const Integer& value, int h) {
    const Integer M = (Integer(1) << (15 - h)) - 1;
    return std::clamp<Integer>(value, -M, M).convert_to<std::int16_t>();
}

void reject_lowest(const Dfp& x) {
    if (std::count(x.m.begin(), x.m.end(), std::int16_t{-32768}) > 0) throw Error("-32768 in an operand");
}

}  // namespace

std::int16_t quantize_element(float x, int e, int h, Rounding mode, std::uint32_t r) {
    return clamped(round(exact(x) * Dyadic{1, -e}, mode, r), h);
}

Dfp quantize(const std::vector<float>& x, int h, Rounding mode, const Draw& draw) {
    Dyadic A{0, -149};
    for (const float value : x) {
        const Dyadic v = exact(value);
        const Integer magnitude = abs(v.n) << (v.exponent + 149);
        if (magnitude > A.n) A.n = magnitude;
    }
    Dfp y{std::vector<std::int16_t>(x.size(), 0), -126};
    if (A.n == 0) return y;
    y.e = std::max(floor_log2(A) - (14 - h), -126);
    for (std::size_t i = 0; i < x.size(); ++i) {
        y.m[i] = quantize_element(x[i], y.e, h, mode, mode == Rounding::stochastic ? word(draw, kQuantize, i) : 0);
    }
    return y;
}

float dequantize(std::int16_t m, int e) {
    return rn32({m, e});
}

Dfp down_convert(const std::vector<std::int32_t>& v, int e, int h, Rounding mode, const Draw& draw) {
    Wide V = 0;
    for (const std::int32_t value : v) V = std::max<Wide>(V, abs(Wide(value)));
    Dfp y{std::vector<std::int16_t>(v.size(), 0), -126};
    if (V == 0) return y;
    const int bitlen = static_cast<int>(msb(V)) + 1;
    const int shift = std::max({0, bitlen - (15 - h), -126 - e});
    y.e = e + shift;
    if (y.e > 113) throw Error("exponent above 113");
    for (std::size_t i = 0; i < v.size(); ++i) {
        const std::uint32_t r = mode == Rounding::stochastic ? word(draw, kDownConvert, i) : 0;
        // 31 + 1 + 32 bits and 126 of shift, at most, need Integer; most shifts are small.
        const Integer rounded =
            shift <= 90 ? Integer(round<Wide>(v[i], shift, mode, r)) : round<Integer>(v[i], shift, mode, r);
        y.m[i] = clamped(rounded, h);
    }
    return y;
}

Dfp multiply(const Dfp& a, const Dfp& b, int h, Rounding mode, const Draw& draw) {
    reject_lowest(a);
    reject_lowest(b);
    std::vector<std::int32_t> v(a.m.size());
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = Wide(Wide(a.m[i]) * b.m[i]).convert_to<std::int32_t>();
    return down_convert(v, a.e + b.e, h, mode, draw);
}

Dfp add(const Dfp& a, const Dfp& b, bool relu, int h, Rounding mode, const Draw& draw) {
    reject_lowest(a);
    reject_lowest(b);
    const int e = std::max(a.e, b.e);
    std::vector<std::int32_t> v(a.m.size());
    for (std::size_t i = 0; i < v.size(); ++i) {
        const std::uint32_t r = mode == Rounding::stochastic ? word(draw, kAlign, i) : 0;
        const auto aligned = [&](const Dfp& x) -> Integer {
            return x.e == e ? Integer(x.m[i]) : round({x.m[i], x.e - e}, mode, r);
        };
        const Integer sum = aligned(a) + aligned(b);
        v[i] = relu && sum < 0 ? 0 : sum.convert_to<std::int32_t>();
    }
    return down_convert(v, e, h, mode, draw);
}

}  // namespace oracle
