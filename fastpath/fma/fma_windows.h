// Convolution forward and backward-data of FP32 operands: each output pixel is a chain over those taps of a window that
// meet the input.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "fastpath/packing/group_channels.h"
#include "fastpath/products.h"
#include "fastpath/products_check.h"

namespace dfp16::fast {

/// Outputs along one dimension that meet the same taps at the same distances.
struct AxisClass {
    struct Tap {
        std::int64_t tap = 0;
        std::int64_t shift = 0;  ///< input met, from the output's origin
        friend auto operator<=>(const Tap&, const Tap&) = default;
    };
    struct Output {
        std::int64_t place = 0;
        std::int64_t origin = 0;
    };
    std::vector<Tap> taps;  ///< ascending
    std::vector<Output> outputs;
};

/// All outputs of a dimension. input_of(output, tap) is the input that they meet, or negative.
std::vector<AxisClass> axis_classes(std::int64_t outputs, std::int64_t taps,
                                    const std::function<std::int64_t(std::int64_t, std::int64_t)>& input_of);

struct FmaWindows {
    Activation in, out;
    std::int64_t R = 1, S = 1;
    std::vector<AxisClass> rows, cols;
    /// Elements of the plain weights from one group, output channel, and summed channel to the next.
    std::int64_t weight_group = 0, weight_lane = 0, weight_channel = 0;
    Named result;
};

/// in blocked, weights plain -> out blocked.
void run_fma_windows(const Products& products, const FmaWindows& windows, const float* in, const float* weights,
                     float* out);

}  // namespace dfp16::fast
