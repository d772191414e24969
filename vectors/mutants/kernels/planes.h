// (N, C, pixels) of a layer's tensor.
#pragma once

#include "vectors/mutants/kernels/call.h"

namespace dfp16::mutants {

struct PlaneSizes {
    std::size_t N, C, pixels;
    explicit PlaneSizes(const Shape& shape)
        : N(static_cast<std::size_t>(shape[0])),
          C(static_cast<std::size_t>(shape[1])),
          pixels(static_cast<std::size_t>(shape.elements()) / (N * C)) {}
    std::size_t at(std::size_t n, std::size_t c, std::size_t pixel) const { return (n * C + c) * pixels + pixel; }
};

}  // namespace dfp16::mutants
