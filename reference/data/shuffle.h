#pragma once

#include <cstdint>
#include <vector>

namespace dfp16 {

/// The sample numbers 0 .. count-1 in the order of an epoch: sorted by (word of purpose shuffle with the epoch as its
/// step, sample number) (contract section 4). Throws InputError for a count beyond 2^32.
std::vector<std::uint32_t> shuffled(std::int64_t count, std::uint64_t seed, std::uint32_t epoch);

}  // namespace dfp16
