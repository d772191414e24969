// Random choices for tests, repeatable by their seed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

namespace dfp16::test {

class RandomPicks {
public:
    explicit RandomPicks(std::uint64_t seed) : random_(seed) {}

    std::uint64_t word() { return random_(); }
    std::int64_t pick(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
    }
    template <typename Value>
    Value one_of(std::initializer_list<Value> values) {
        return values.begin()[pick(0, static_cast<std::int64_t>(values.size()) - 1)];
    }

private:
    std::mt19937_64 random_;
};

}  // namespace dfp16::test
