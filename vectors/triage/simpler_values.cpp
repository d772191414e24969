#include "vectors/triage/simpler_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace dfp16::triage {

namespace {

int significant_bits(float v) {
    const auto fraction = std::bit_cast<std::uint32_t>(v) & 0x7FFFFFu;
    return fraction == 0 ? 1 : 24 - std::countr_zero(fraction);
}

bool is_simpler(float one, float other) {
    const int bits = significant_bits(one), others = significant_bits(other);
    if (bits != others) return bits < others;
    return std::abs(std::ilogb(one)) < std::abs(std::ilogb(other));
}

}  // namespace

std::vector<std::int64_t> smaller_sizes(std::int64_t value, std::int64_t least) {
    std::vector<std::int64_t> sizes;
    const auto add = [&](std::int64_t size) {
        if (size >= least && size < value && std::find(sizes.begin(), sizes.end(), size) == sizes.end()) {
            sizes.push_back(size);
        }
    };
    add(least);
    for (std::int64_t step = value / 2; step >= 1; step /= 2) add(value - step);
    return sizes;
}

std::vector<std::int64_t> simpler(std::int64_t v) {
    const std::int64_t magnitude = std::abs(v);
    std::vector<std::int64_t> values;
    if (magnitude <= 1) return values;
    values = smaller_sizes(magnitude, 1);
    const auto power = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(magnitude)));
    if (power < magnitude) values.insert(values.begin() + 1, power);
    if (v < 0) {
        for (std::int64_t& value : values) value = -value;
    }
    return values;
}

std::vector<float> simpler(float v) {
    std::vector<float> values;
    if (v == 0.0f || !std::isfinite(v)) return values;
    const auto bits = std::bit_cast<std::uint32_t>(v);
    std::vector<float> tried = {std::copysign(1.0f, v)};
    for (const int kept : {0, 2, 4, 8, 12, 16, 20, 22}) {
        tried.push_back(std::bit_cast<float>(bits & ~((1u << (23 - kept)) - 1)));
    }
    tried.push_back(std::copysign(std::ldexp(1.0f, std::ilogb(v) / 2), v));
    for (const float value : tried) {
        if (value != 0.0f && is_simpler(value, v)) values.push_back(value);
    }
    return values;
}

}  // namespace dfp16::triage
