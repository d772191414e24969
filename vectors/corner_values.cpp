#include "vectors/corner_values.h"

#include <set>

namespace dfp16 {

const char* name_of(CornerClass corner) {
    switch (corner) {
        case CornerClass::walking_ones: return "walking-ones";
        case CornerClass::walking_zeros: return "walking-zeros";
        case CornerClass::extremes: return "extremes";
        case CornerClass::two_powers: return "two-powers";
        case CornerClass::patterns: return "patterns";
    }
    return "?";
}

namespace {

std::vector<std::int64_t> seeds_of(CornerClass corner, int bits) {
    const std::int64_t limit = (std::int64_t{1} << bits) - 1;
    std::vector<std::int64_t> values;
    switch (corner) {
        case CornerClass::walking_ones:
            for (int i = 0; i < bits; ++i) values.push_back(std::int64_t{1} << i);
            break;
        case CornerClass::walking_zeros:
            for (int i = 0; i < bits; ++i) values.push_back(limit ^ (std::int64_t{1} << i));
            break;
        case CornerClass::extremes: values = {0, 1, limit - 1, limit}; break;
        case CornerClass::two_powers:
            for (int i = 0; i < bits; ++i) {
                for (int j = 0; j < i; ++j) {
                    values.push_back((std::int64_t{1} << i) + (std::int64_t{1} << j));
                    values.push_back((std::int64_t{1} << i) - (std::int64_t{1} << j));
                }
            }
            break;
        case CornerClass::patterns:
            for (const std::int64_t pattern :
                 {0x55555555, 0x2AAAAAAA, 0x33333333, 0x0F0F0F0F, 0x00FF00FF, 0x5A5A5A5A}) {
                values.push_back(pattern & limit);
            }
            break;
    }
    return values;
}

}  // namespace

std::vector<std::int64_t> corner_values(CornerClass corner, int bits, bool lowest) {
    const std::int64_t limit = (std::int64_t{1} << bits) - 1;
    std::set<std::int64_t> values;
    for (const std::int64_t seed : seeds_of(corner, bits)) {
        for (const std::int64_t value : {seed - 1, seed, seed + 1}) {
            if (value > limit) continue;
            values.insert(value);
            values.insert(-value);
        }
    }
    if (lowest) values.insert(-limit - 1);
    return {values.begin(), values.end()};
}

}  // namespace dfp16
