// Contract section 8: LRN, dropout and concat, and the FP32 forms of bias gradient; written element by element.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/oracle/dfp.h"
#include "tests/oracle/philox.h"

namespace oracle {

using Reals = std::vector<float>;

/// (N,C,pixels).
struct Extent {
    std::int64_t N = 1, C = 1, pixels = 1;
    std::int64_t elements() const { return N * C * pixels; }
    std::size_t at(std::int64_t n, std::int64_t c, std::int64_t pixel) const {
        return static_cast<std::size_t>((n * C + c) * pixels + pixel);
    }
};

struct Lrn {
    std::int64_t n = 5;
    float alpha = 1e-4f, k = 1.0f;
};

/// Throw Error for a value or an s beyond FP32.
Reals lrn(const Lrn& params, const Extent& extent, const Dfp& x);
Reals lrn_backward(const Lrn& params, const Extent& extent, const Dfp& x, const Dfp& dy);

/// Forward, and backward on dy.
Reals dropout(float rate, const Dfp& x, const Draw& draw);

/// The parts have as many images and pixels, channels each its own.
struct Part {
    Extent extent;
    Dfp values;
};
Dfp concat(const std::vector<Part>& parts, Rounding mode, const Draw& draw);

Reals bias_gradient(const Extent& extent, const Reals& dy);

}  // namespace oracle
