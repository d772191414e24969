// Values that are simpler than others: what shrinking tries for each.
#pragma once

#include <cstdint>
#include <vector>

namespace dfp16::triage {

/// Of smaller magnitude, the smallest first, with the same sign; 0 is not among them. v may be 0.
std::vector<std::int64_t> simpler(std::int64_t v);
/// Of fewer significant bits, or closer to 1 with as many; 0 is not among them.
std::vector<float> simpler(float v);
/// What to try for a size or a chain: `least` first, then halves, then less by ever fewer.
std::vector<std::int64_t> smaller_sizes(std::int64_t value, std::int64_t least);

}  // namespace dfp16::triage
