// The windows of pooling, clipped to the input.
#pragma once

#include <algorithm>
#include <cstdint>

#include "vectors/mutants/kernels/call.h"

namespace dfp16::mutants {

struct PoolWindow {
    std::int64_t h, h_end, w, w_end;  ///< what exists of it
    std::int64_t padded;              ///< its positions within the padded plane

    PoolWindow(const PoolParams& given, std::int64_t row, std::int64_t column, Bug bug) {
        PoolParams p = given;
        if (bug == Bug::pool_stride_swapped) std::swap(p.stride[0], p.stride[1]);
        const std::int64_t top = row * p.stride[0] - p.pad[0];
        const std::int64_t left = column * p.stride[1] - p.pad[1];
        const bool short_window = bug == Bug::max_pool_ceil_window_dropped;
        const std::int64_t bottom = std::min(top + p.R, p.H + p.pad[0]);
        const std::int64_t right = std::min(left + p.S, p.W + p.pad[1]);
        padded = (bottom - top) * (right - left);
        h = std::max<std::int64_t>(top, 0);
        w = std::max<std::int64_t>(left, 0);
        h_end = std::min(top + p.R, p.H);
        w_end = std::min(left + p.S, p.W);
        if (short_window && top + p.R > p.H + p.pad[0] && h + 1 < h_end) --h_end;
    }
    bool inside(std::int64_t i, std::int64_t j) const { return i >= h && i < h_end && j >= w && j < w_end; }
    std::int64_t existing() const {
        return std::max<std::int64_t>(h_end - h, 0) * std::max<std::int64_t>(w_end - w, 0);
    }
};

}  // namespace dfp16::mutants
