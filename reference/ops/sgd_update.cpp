#include "reference/ops/sgd_update.h"

#include <cmath>

namespace dfp16 {

void sgd_update(const SgdParams& params, float learning_rate, HostTensor& w, HostTensor& v, const HostTensor& dw,
                GoldenContext& context) {
    for_each_run(context, w.fp32().size(), kRun, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const float gradient = std::fma(params.weight_decay, w.fp32()[i], dw.fp32()[i]);
            v.fp32()[i] = std::fma(params.momentum, v.fp32()[i], gradient);
            w.fp32()[i] = std::fma(-learning_rate, v.fp32()[i], w.fp32()[i]);
        }
    });
}

}  // namespace dfp16
