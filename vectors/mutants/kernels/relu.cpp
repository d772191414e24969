#include <cmath>

#include "vectors/mutants/kernels/kernels.h"

namespace dfp16::mutants {

namespace {

float rectified(float x, Bug bug) {
    if (bug == Bug::relu_by_multiplication) return x * (x > 0.0f ? 1.0f : 0.0f);
    return x > 0.0f ? x : 0.0f;
}

bool passes(float y, Bug bug) {
    return bug == Bug::relu_backward_passes_zero ? y >= 0.0f : y > 0.0f;
}

float value(const HostTensor& tensor, std::size_t i) {
    return tensor.type() == ElementType::fp32 ? tensor.fp32()[i] : static_cast<float>(int16_at(tensor, i));
}

}  // namespace

void relu_forward(const Call& call) {
    const HostTensor& x = *call.in[0];
    HostTensor& y = *call.out[0];
    y.exponent = x.exponent;
    for (std::size_t i = 0; i < size_of(x); ++i) {
        if (x.type() == ElementType::fp32) {
            y.fp32()[i] = rectified(x.fp32()[i], call.bug);
        } else {
            y.mantissas()[i].value = int16_at(x, i) > 0 ? int16_at(x, i) : std::int16_t{0};
        }
    }
}

void relu_backward(const Call& call) {
    const HostTensor& dy = *call.in[0];
    const HostTensor& y = *call.in[1];
    HostTensor& dx = *call.out[0];
    bool all_zero = true;
    for (std::size_t i = 0; i < size_of(dy); ++i) {
        const bool passed = passes(value(y, i), call.bug);
        all_zero = all_zero && !passed;
        if (dy.type() == ElementType::fp32) {
            dx.fp32()[i] = passed ? dy.fp32()[i] : 0.0f;
        } else {
            dx.mantissas()[i].value = passed ? int16_at(dy, i) : std::int16_t{0};
        }
    }
    dx.exponent = dy.exponent;
    if (all_zero && call.bug == Bug::relu_backward_resets_exponent) dx.exponent = {kExponentMin};
}

}  // namespace dfp16::mutants
