// How published sizes follow the options of a run.
#include <algorithm>
#include <cmath>

#include "reference/networks/topologies.h"

namespace dfp16 {

std::int64_t scaled(std::int64_t channels, const TopologyOptions& options, std::int64_t multiple) {
    const double multiples = static_cast<double>(channels) * options.width / static_cast<double>(multiple);
    return std::max<std::int64_t>(1, std::llround(multiples)) * multiple;
}

std::int64_t stem_stride(std::int64_t stride, const TopologyOptions& options) {
    return std::min(options.input.height, options.input.width) < 64 ? 1 : stride;
}

}  // namespace dfp16
