#include "reference/ops/relu.h"

namespace dfp16 {

void relu_forward(const HostTensor& x, HostTensor& y) {
    if (x.type() == ElementType::fp32) {
        for (std::size_t i = 0; i < x.fp32().size(); ++i) y.fp32()[i] = x.fp32()[i] > 0.0f ? x.fp32()[i] : 0.0f;
        return;
    }
    y.exponent = x.exponent;
    for (std::size_t i = 0; i < x.mantissas().size(); ++i) {
        y.mantissas()[i] = x.mantissas()[i].value > 0 ? x.mantissas()[i] : Mantissa{0};
    }
}

void relu_backward(const HostTensor& dy, const HostTensor& y, HostTensor& dx) {
    const auto positive = [&](std::size_t i) {
        return y.type() == ElementType::fp32 ? y.fp32()[i] > 0.0f : y.mantissas()[i].value > 0;
    };
    if (dy.type() == ElementType::fp32) {
        for (std::size_t i = 0; i < dy.fp32().size(); ++i) dx.fp32()[i] = positive(i) ? dy.fp32()[i] : 0.0f;
        return;
    }
    dx.exponent = dy.exponent;
    for (std::size_t i = 0; i < dy.mantissas().size(); ++i)
        dx.mantissas()[i] = positive(i) ? dy.mantissas()[i] : Mantissa{0};
}

}  // namespace dfp16
