#include "fastpath/packing/certificate.h"

#include <algorithm>
#include <vector>

namespace dfp16::fast {

namespace {

// l1 [chunks][lanes]: merges neighbours; gives the largest norm.
std::uint32_t merge_chunks(const VectorOps& ops, std::vector<std::uint32_t>& l1, std::int64_t& chunks,
                           std::int64_t lanes) {
    std::uint32_t largest = 0;
    for (std::int64_t chunk = 0; chunk < chunks; chunk += 2) {
        std::uint32_t* merged = l1.data() + chunk / 2 * lanes;
        const std::uint32_t* first = l1.data() + chunk * lanes;
        if (merged != first) std::copy(first, first + lanes, merged);
        const std::uint32_t* second = chunk + 1 < chunks ? first + lanes : nullptr;
        if (second != nullptr) {
            largest = std::max(largest, ops.add_and_largest(merged, second, lanes));
        } else {
            largest = std::max(largest, *std::max_element(merged, merged + lanes));
        }
    }
    chunks = (chunks + 1) / 2;
    return largest;
}

}  // namespace

std::int64_t certified_chain(const VectorOps& ops, const std::int16_t* packed, std::int64_t pairs, std::int64_t lanes,
                             std::int64_t limit) {
    constexpr std::int64_t longest_first = 32;
    if (limit == kUnbounded) return kUnbounded;
    std::vector<std::uint32_t> l1;
    std::int64_t chunks = 0;
    std::int64_t length = longest_first;
    for (; length > 1; length /= 2) {
        chunks = (pairs + length - 1) / length;
        l1.resize(static_cast<std::size_t>(chunks * lanes));
        if (ops.chunk_l1(packed, pairs, lanes, length, l1.data()) <= limit) break;
    }
    if (length < longest_first) return length;
    // Norms are within limit < 2^31 here, so the sum of two fits 32 bits.
    while (chunks > 1) {
        if (merge_chunks(ops, l1, chunks, lanes) > limit) return length;
        length *= 2;
    }
    return kUnbounded;
}

}  // namespace dfp16::fast
