#include "reference/ops/relu.h"

namespace dfp16 {

namespace {

/// to = from where `mask` is above zero, else 0. from and to are of one type.
void keep_positive(const HostTensor& from, const HostTensor& mask, HostTensor& to, GoldenContext& context) {
    const auto positive = [&](std::size_t i) {
        return mask.type() == ElementType::fp32 ? mask.fp32()[i] > 0.0f : mask.mantissas()[i].value > 0;
    };
    to.exponent = from.exponent;
    for_each_run(context, static_cast<std::size_t>(from.elements()), kRun, [&](std::size_t begin, std::size_t end) {
        if (from.type() == ElementType::fp32) {
            for (std::size_t i = begin; i < end; ++i) to.fp32()[i] = positive(i) ? from.fp32()[i] : 0.0f;
        } else {
            for (std::size_t i = begin; i < end; ++i)
                to.mantissas()[i] = positive(i) ? from.mantissas()[i] : Mantissa{0};
        }
    });
}

}  // namespace

void relu_forward(const HostTensor& x, HostTensor& y, GoldenContext& context) {
    keep_positive(x, x, y, context);
}

void relu_backward(const HostTensor& dy, const HostTensor& y, HostTensor& dx, GoldenContext& context) {
    keep_positive(dy, y, dx, context);
}

}  // namespace dfp16
