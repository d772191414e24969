// Contract section 8: pooling with either rounding of its output size, window by window.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/oracle/dfp.h"

namespace oracle {

struct Pool {
    std::int64_t N = 1, C = 1, H = 1, W = 1, R = 1, S = 1;
    std::int64_t sh = 1, sw = 1, ph = 0, pw = 0;
    bool ceil = false;
    std::int64_t P() const;
    std::int64_t Q() const;
};

/// x and dx (N,C,H,W), y and dy (N,C,P,Q), row-major.
Dfp max_pool(const Pool& pool, const Dfp& x);
Dfp max_pool_backward(const Pool& pool, const Dfp& x, const Dfp& dy, int h, Rounding mode, const Draw& draw);
std::vector<float> average_pool(const Pool& pool, const Dfp& x);
std::vector<float> average_pool_backward(const Pool& pool, const Dfp& dy);

}  // namespace oracle
