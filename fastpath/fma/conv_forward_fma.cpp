#include <array>

#include "fastpath/fma/fma_products.h"
#include "fastpath/fma/fma_windows.h"

namespace dfp16::fast {

namespace {

std::vector<AxisClass> forward_classes(std::int64_t outputs, std::int64_t taps, std::int64_t size, std::int64_t stride,
                                       std::int64_t pad) {
    return axis_classes(outputs, taps, [=](std::int64_t output, std::int64_t tap) {
        const std::int64_t input = output * stride - pad + tap;
        return input < size ? input : -1;
    });
}

}  // namespace

void conv_forward_fma(const Products& products, const ConvParams& conv, const float* x, const float* w, float* y) {
    const std::array y_shape{conv.N, conv.K, conv.P, conv.Q};
    const std::int64_t channels = conv.C / conv.groups;
    FmaWindows windows;
    windows.in = {conv.N, conv.C, conv.H, conv.W, conv.groups};
    windows.out = {conv.N, conv.K, conv.P, conv.Q, conv.groups};
    windows.R = conv.R;
    windows.S = conv.S;
    windows.rows = forward_classes(conv.P, conv.R, conv.H, conv.stride[0], conv.pad[0]);
    windows.cols = forward_classes(conv.Q, conv.S, conv.W, conv.stride[1], conv.pad[1]);
    windows.weight_channel = conv.R * conv.S;
    windows.weight_lane = channels * conv.R * conv.S;
    windows.weight_group = conv.K / conv.groups * windows.weight_lane;
    windows.result = {"y", y_shape, true};
    run_fma_windows(products, windows, x, w, y);
}

}  // namespace dfp16::fast
