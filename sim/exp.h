// Contract section 10: exp(x) for x <= 0.
#pragma once

#include <cmath>

namespace dfp16 {

inline float contract_exp(float x) {
    if (x < -87.0f) return 0.0f;
    const float n = std::nearbyint(x * 1.44269504f);
    float r = std::fma(-n, 0x1.62e4p-1f, x);
    r = std::fma(-n, 0x1.7f7d1cp-20f, r);
    float p = 1.0f / 5040;
    for (const float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = std::fma(p, r, c);
    return std::ldexp(p, static_cast<int>(n));
}

}  // namespace dfp16
