// Blocked activations regrouped, so that each group's channels start a block: [N][groups][ceil(C/groups/16)][H*W][16].
#pragma once

#include <cstdint>

#include "fastpath/products.h"

namespace dfp16::fast {

struct Activation {
    std::int64_t N = 0, C = 0, H = 0, W = 0, groups = 1;

    std::int64_t group_channels() const { return C / groups; }
    std::int64_t group_blocks() const { return (group_channels() + 15) / 16; }
    /// Elements of the blocked tensor, and of the grouped one.
    std::int64_t blocked_elements() const { return N * ((C + 15) / 16) * H * W * 16; }
    std::int64_t grouped_elements() const { return N * groups * group_blocks() * H * W * 16; }
    /// Whether the two are the same.
    bool aligned() const { return groups == 1 || group_channels() % 16 == 0; }
};

/// The blocked tensor itself if it is aligned, else a copy in `grouped`. Element: std::int16_t or float.
template <typename Element>
const Element* group_channels(ThreadPool& pool, const Activation& shape, const Element* blocked, Element* grouped);
/// A grouped result to a blocked one; channels beyond the last become zero. Element: std::uint32_t or float.
template <typename Element>
void ungroup_channels(ThreadPool& pool, const Activation& shape, const Element* grouped, Element* blocked);

}  // namespace dfp16::fast
