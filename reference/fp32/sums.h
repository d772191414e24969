#pragma once

#include <array>
#include <cstdint>

namespace dfp16::fp32 {

/// term(0) + ... + term(count - 1) in binary64, in eight interleaved sums that the compiler can keep in vectors.
template <typename Term>
double sum_of(std::int64_t count, const Term& term) {
    constexpr std::int64_t kLanes = 8;
    std::array<double, kLanes> lanes{};
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::int64_t lane = 0; lane < kLanes; ++lane) lanes[static_cast<std::size_t>(lane)] += term(i + lane);
    }
    double sum = 0.0;
    for (const double lane : lanes) sum += lane;
    for (; i < count; ++i) sum += term(i);
    return sum;
}

}  // namespace dfp16::fp32
