// Where the elements of a tensor lie in memory.
#pragma once

#include <cstdint>

#include "reference/interface/shape.h"

namespace dfp16::fast {

/// Channels in a block.
inline constexpr std::int64_t kBlock = 16;

/// Either plain (row-major) or blocked: [N][ceil(C/16)][HW][16], the channels beyond C being zero. N, C, HW are the
/// first dimension, the second, and the product of the others; blocked_rows() takes everything after N as channels, in
/// row-major order, which is how fully connected layers see their input.
struct Layout {
    bool blocked = false;
    std::int64_t N = 1;
    std::int64_t C = 1;
    std::int64_t HW = 1;

    static Layout plain(const Shape& shape);
    static Layout blocked_channels(const Shape& shape);
    static Layout blocked_rows(const Shape& shape);

    std::int64_t blocks() const { return (C + kBlock - 1) / kBlock; }
    /// Elements in memory, the padding included.
    std::int64_t elements() const { return blocked ? N * blocks() * HW * kBlock : N * C * HW; }
    /// Whether each image is one row in row-major order, row_stride() elements apart.
    bool rows() const { return !blocked || HW == 1; }
    std::int64_t row_elements() const { return C * HW; }
    std::int64_t row_stride() const { return blocked ? blocks() * kBlock : C * HW; }
    /// The row-major index of the element at `position` in memory; -1 for padding.
    std::int64_t logical_index(std::int64_t position) const;

    friend bool operator==(const Layout&, const Layout&) = default;
};

}  // namespace dfp16::fast
