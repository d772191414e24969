// Contract section 10: log(x) for finite x >= 1.
#pragma once

#include <cmath>

namespace dfp16 {

inline float contract_log(float x) {
    int k = 0;
    float m = std::frexp(x, &k) * 2.0f;  // in [1, 2)
    --k;
    if (m > 0x1.6a09e6p0f) {
        m *= 0.5f;
        ++k;
    }
    const float f = m - 1.0f;
    const float t = f / (2.0f + f);
    const float u = t * t;
    float p = 2.0f / 9;
    for (const float c : {2.0f / 7, 2.0f / 5, 2.0f / 3}) p = std::fma(p, u, c);
    return std::fma(static_cast<float>(k), 0.69314718f, std::fma(t * u, p, t + t));
}

}  // namespace dfp16
