#include "fastpath/scratch.h"

#include <algorithm>

#include "fastpath/memory.h"

namespace dfp16::fast {

namespace {

struct Place {
    std::size_t offset;
    std::size_t bytes;
    std::size_t last_use;
};

/// The lowest gap between the places in use, which are sorted by offset.
std::size_t first_fit(const std::vector<Place>& used, std::size_t bytes) {
    std::size_t offset = 0;
    for (const Place& place : used) {
        if (offset + bytes <= place.offset) break;
        offset = std::max(offset, place.offset + place.bytes);
    }
    return offset;
}

}  // namespace

Scratch plan_scratch(const Graph& graph, const std::vector<bool>& wanted, const std::vector<std::size_t>& last_use,
                     const std::vector<std::size_t>& bytes) {
    Scratch scratch;
    scratch.offsets.resize(graph.tensors.size());
    std::vector<Place> used;
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        std::erase_if(used, [i](const Place& place) { return place.last_use < i; });
        for (const TensorId id : graph.operations[i].outputs) {
            if (!wanted[id] || scratch.offsets[id]) continue;
            const Place place = {first_fit(used, aligned_size(bytes[id])), aligned_size(bytes[id]), last_use[id]};
            scratch.offsets[id] = place.offset;
            scratch.bytes = std::max(scratch.bytes, place.offset + place.bytes);
            used.insert(
                std::find_if(used.begin(), used.end(), [&](const Place& other) { return other.offset > place.offset; }),
                place);
        }
    }
    return scratch;
}

}  // namespace dfp16::fast
