// Exact integer sums a channel, from sums a plane. Their order does not matter.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/layout.h"

namespace dfp16::fast {

/// One INT64 for each of the 16 channels of each plane.
class PlaneSums {
public:
    explicit PlaneSums(const Layout& layout)
        : layout_(layout), sums_(static_cast<std::size_t>(layout.N * layout.blocks() * kBlock), 0) {}

    std::int64_t* of_plane(std::int64_t plane) { return sums_.data() + plane * kBlock; }
    std::int64_t of_channel(std::int64_t c) const {
        std::int64_t sum = 0;
        for (std::int64_t n = 0; n < layout_.N; ++n) {
            sum += sums_[static_cast<std::size_t>(n * layout_.blocks() * kBlock + c)];
        }
        return sum;
    }

private:
    Layout layout_;
    std::vector<std::int64_t> sums_;
};

}  // namespace dfp16::fast
