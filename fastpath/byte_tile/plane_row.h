// A row of a plane between zeros.
#pragma once

#include <algorithm>
#include <cstdint>

namespace dfp16::fast {

/// Of a plane's row of `cols` pixels, where pixel j is pixel j * step - left of an input's row: first to end - 1 lie
/// within the input.
struct PlaneRow {
    PlaneRow(std::int64_t input_cols, std::int64_t step, std::int64_t left, std::int64_t cols)
        : first(std::clamp<std::int64_t>((left + step - 1) / step, 0, cols)),
          end(std::clamp<std::int64_t>((input_cols + left + step - 1) / step, first, cols)) {}

    std::int64_t first, end;
};

}  // namespace dfp16::fast
