#include "reference/data/shuffle.h"

#include <algorithm>
#include <string>

#include "sim/philox.h"
#include "sim/types/error.h"

namespace dfp16 {

std::vector<std::uint32_t> shuffled(std::int64_t count, std::uint64_t seed, std::uint32_t epoch) {
    if (count < 0 || count > std::int64_t{1} << 32) {
        throw InputError("data set of " + std::to_string(count) + " samples, expected at most 2^32");
    }
    const RandomStream stream{seed, epoch, Purpose::shuffle, 0};
    std::vector<std::uint64_t> keys(static_cast<std::size_t>(count));
    for (std::size_t sample = 0; sample < keys.size(); ++sample) {
        keys[sample] = std::uint64_t{stream.word(sample)} << 32 | sample;
    }
    std::sort(keys.begin(), keys.end());
    std::vector<std::uint32_t> order(keys.size());
    std::transform(keys.begin(), keys.end(), order.begin(),
                   [](std::uint64_t key) { return static_cast<std::uint32_t>(key); });
    return order;
}

}  // namespace dfp16
