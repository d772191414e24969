// ReLU (contract section 8), flat.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

inline float relu_of(float v) {
    return v > 0.0f ? v : 0.0f;
}

template <typename Element>
void relu_flat(const Element* __restrict x, std::int64_t count, Element* __restrict y) {
    for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] > 0 ? x[i] : Element{0};
}

template <typename Gradient, typename Output>
void relu_backward_flat(const Gradient* __restrict dy, const Output* __restrict y, std::int64_t count,
                        Gradient* __restrict dx) {
    for (std::int64_t i = 0; i < count; ++i) {
        const Gradient gradient = dy[i];
        dx[i] = y[i] > 0 ? gradient : Gradient{0};
    }
}

}  // namespace
}  // namespace dfp16::fast
