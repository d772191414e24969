// Weight gradients by byte tiles whose threads have sums of their own.
#pragma once

#include <cstdint>
#include <vector>

#include "fastpath/byte_tile/byte_ops.h"
#include "fastpath/dot_tile/vector_ops.h"

namespace dfp16::fast {

/// What a second-level cache holds beside something else, as such sums.
inline constexpr std::int64_t kNearBytes = 768 * 1024;
/// Bytes of sums that a thread may have of its own.
inline constexpr std::int64_t kOwnSums = 1024 * 1024;

/// A tile's products begin sums [rows][lanes], or are added to them.
inline void take_products(const ByteOps& ops, const ByteProducts& products, bool fresh, std::int64_t* sums) {
    fresh ? ops.combine(products, kAllByteRows, kByteTileRows, sums) : ops.add_products(products, sums);
}

/// Adds up `count` sums, from `first` on, of all that threads have worked on. Gives them: the first one's become these.
template <typename Work>
std::int64_t* add_up(const VectorOps& ops, const std::vector<Work>& work, std::int64_t first, std::int64_t count) {
    std::int64_t* sums = work[0].sums + first;
    for (std::size_t i = 1; i < work.size(); ++i) ops.add_int64(sums, work[i].sums + first, count);
    return sums;
}

}  // namespace dfp16::fast
