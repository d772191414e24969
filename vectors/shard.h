// One of several equal parts of a run, for the machines of a cluster.
#pragma once

#include <cstdint>
#include <string>

namespace dfp16 {

/// Part `index` (from 1) of `count`: the cases whose number modulo `count` is index - 1.
struct Shard {
    std::int64_t index = 1;
    std::int64_t count = 1;

    bool has(std::int64_t number) const { return number % count == index - 1; }
    friend bool operator==(const Shard&, const Shard&) = default;
};

inline constexpr std::int64_t kMostShards = 1'000'000;

/// "2/8". Throws InputError for anything but I/N with 1 <= I <= N <= kMostShards.
Shard shard_of(const std::string& text);

}  // namespace dfp16
