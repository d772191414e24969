#include <cmath>

#include "vectors/mutants/kernels/kernels.h"

namespace dfp16::mutants {

namespace {

bool subnormal(float x) {
    return x != 0.0f && std::fabs(x) < 0x1p-126f;
}

float flushed(float x, Bug bug) {
    return bug == Bug::sgd_flushes_subnormals && subnormal(x) ? std::copysign(0.0f, x) : x;
}

}  // namespace

void sgd_update(const Call& call) {
    const auto& p = std::get<SgdParams>(call.params);
    const float rate = call.context.learning_rate;
    std::vector<float>& w = call.out[0]->fp32();
    std::vector<float>& v = call.out[1]->fp32();
    const std::vector<float>& dw = call.in[2]->fp32();
    const std::size_t whole = w.size() / kLanes * kLanes;
    const std::size_t end = call.bug == Bug::sgd_tail_not_updated && whole > 0 ? whole : w.size();
    for (std::size_t i = 0; i < end; ++i) {
        float g = std::fma(p.weight_decay, w[i], dw[i]);
        if (call.bug == Bug::sgd_gradient_not_fused) g = p.weight_decay * w[i] + dw[i];
        if (call.bug == Bug::sgd_decay_after_momentum) g = dw[i];
        const float old = v[i];
        v[i] = flushed(std::fma(p.momentum, v[i], g), call.bug);
        float step = v[i];
        if (call.bug == Bug::sgd_decay_after_momentum) step = std::fma(p.weight_decay, w[i], v[i]);
        if (call.bug == Bug::sgd_steps_with_old_momentum) step = old;
        if (call.bug == Bug::sgd_nesterov) step = std::fma(p.momentum, v[i], g);
        w[i] =
            flushed(call.bug == Bug::sgd_update_not_fused ? w[i] - rate * step : std::fma(-rate, step, w[i]), call.bug);
    }
}

}  // namespace dfp16::mutants
