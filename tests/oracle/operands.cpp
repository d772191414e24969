#include "tests/oracle/operands.h"

#include <set>

namespace oracle {

std::vector<std::int64_t> corner_integers(int bits) {
    const std::int64_t highest = (std::int64_t{1} << (bits - 1)) - 1;
    const std::int64_t lowest = -highest - 1;
    std::set<std::int64_t> values;
    const auto put = [&](std::int64_t value) {
        for (const std::int64_t v : {value, -value, ~value}) {
            if (v >= lowest && v <= highest) values.insert(v);
        }
    };
    put(0);
    put(lowest);
    for (int i = 0; i < bits; ++i) {
        const std::int64_t power = std::int64_t{1} << i;
        for (const std::int64_t delta : {-1, 0, 1}) put(power + delta);
        for (int j = 0; j < i; ++j) {
            put(power + (std::int64_t{1} << j));
            put(power - (std::int64_t{1} << j));
        }
    }
    return {values.begin(), values.end()};
}

std::uint64_t Source::next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

std::int64_t Source::integer(int bits, const std::vector<std::int64_t>& corners) {
    const std::uint64_t choice = below(4);
    if (choice < 2) return corners[below(corners.size())];
    const auto value = static_cast<std::int64_t>(next()) >> (64 - bits);
    return choice == 2 ? value : value >> below(static_cast<std::uint64_t>(bits));
}

std::int16_t Source::int16() {
    static const std::vector<std::int64_t> corners = corner_integers(16);
    return static_cast<std::int16_t>(integer(16, corners));
}

std::int32_t Source::int32() {
    static const std::vector<std::int64_t> corners = corner_integers(32);
    return static_cast<std::int32_t>(integer(32, corners));
}

}  // namespace oracle
