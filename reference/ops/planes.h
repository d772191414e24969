#pragma once

#include <cstddef>

#include "reference/interface/shape.h"

namespace dfp16 {

/// A tensor (N,C,...) as N images of C channels of `pixels` elements each.
struct Planes {
    std::size_t N, C, pixels;
    explicit Planes(const Shape& shape)
        : N(static_cast<std::size_t>(shape[0])),
          C(static_cast<std::size_t>(shape[1])),
          pixels(static_cast<std::size_t>(shape.elements()) / (N * C)) {}
    /// The index of the first pixel of channel c of image n.
    std::size_t first(std::size_t n, std::size_t c) const { return (n * C + c) * pixels; }
};

}  // namespace dfp16
