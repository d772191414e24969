#include "tests/oracle/exp_log.h"

#include "tests/oracle/exact.h"
#include "tests/oracle/rounding.h"

namespace oracle {

namespace {

/// The FP32 number nearest to numerator / denominator.
float ratio(std::int64_t numerator, std::int64_t denominator) {
    return rn32_quotient({numerator, 0}, {denominator, 0});
}

}  // namespace

float exp(float x) {
    if (x < -87) return 0.0f;
    const Integer n = round(exact(multiply(x, ratio(144269504, 100000000))), Rounding::nearest_even, 0);
    const float minus_n = rn32({-n, 0});
    float r = fma(minus_n, rn32({0x162e4, -16 - 1}), x);  // 0x1.62e4p-1
    r = fma(minus_n, rn32({0x17f7d1c, -24 - 20}), r);     // 0x1.7f7d1cp-20
    float p = ratio(1, 5040);
    for (const int denominator : {720, 120, 24, 6, 2, 1, 1}) p = fma(p, r, ratio(1, denominator));
    return rn32(exact(p) * Dyadic{1, n.convert_to<int>()});
}

float log(float x) {
    const Dyadic value = exact(x);
    int k = floor_log2(value);
    Dyadic m{value.n, value.exponent - k};
    if ((m - Dyadic{0x16a09e6, -24}).n > 0) {  // 0x1.6a09e6p0
        --m.exponent;
        ++k;
    }
    const float f = subtract(rn32(m), 1.0f);
    const float t = divide(f, add(2.0f, f));
    const float u = multiply(t, t);
    float p = ratio(2, 9);
    for (const int denominator : {7, 5, 3}) p = fma(p, u, ratio(2, denominator));
    return fma(rn32({k, 0}), ratio(69314718, 100000000), fma(multiply(t, u), p, add(t, t)));
}

}  // namespace oracle
