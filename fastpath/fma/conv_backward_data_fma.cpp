#include <array>

#include "fastpath/fma/fma_products.h"
#include "fastpath/fma/fma_windows.h"

namespace dfp16::fast {

namespace {

/// Pixel i of dx meets p = (i + pad - r) / stride through tap r.
std::vector<AxisClass> backward_classes(std::int64_t pixels, std::int64_t taps, std::int64_t size, std::int64_t stride,
                                        std::int64_t pad) {
    return axis_classes(pixels, taps, [=](std::int64_t pixel, std::int64_t tap) {
        const std::int64_t distance = pixel + pad - tap;
        return distance >= 0 && distance % stride == 0 && distance / stride < size ? distance / stride : -1;
    });
}

}  // namespace

void conv_backward_data_fma(const Products& products, const ConvParams& conv, const float* dy, const float* w,
                            float* dx) {
    const std::array dx_shape{conv.N, conv.C, conv.H, conv.W};
    FmaWindows windows;
    windows.in = {conv.N, conv.K, conv.P, conv.Q, conv.groups};
    windows.out = {conv.N, conv.C, conv.H, conv.W, conv.groups};
    windows.R = conv.R;
    windows.S = conv.S;
    windows.rows = backward_classes(conv.H, conv.R, conv.P, conv.stride[0], conv.pad[0]);
    windows.cols = backward_classes(conv.W, conv.S, conv.Q, conv.stride[1], conv.pad[1]);
    windows.weight_lane = conv.R * conv.S;
    windows.weight_channel = conv.C / conv.groups * conv.R * conv.S;
    windows.weight_group = conv.K / conv.groups * windows.weight_channel;
    windows.result = {"dx", dx_shape, true};
    run_fma_windows(products, windows, dy, w, dx);
}

}  // namespace dfp16::fast
