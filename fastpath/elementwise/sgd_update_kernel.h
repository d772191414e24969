// SGD with momentum and weight decay (contract section 12), flat, in place.
#pragma once

#include "fastpath/elementwise/kernel_math.h"

namespace dfp16::fast {
namespace {

void sgd_update_flat(const float* __restrict dw, std::int64_t count, float rate, float momentum, float decay,
                     float* __restrict w, float* __restrict v) {
    for (std::int64_t i = 0; i < count; ++i) {
        const float g = __builtin_fmaf(decay, w[i], dw[i]);
        v[i] = __builtin_fmaf(momentum, v[i], g);
        w[i] = __builtin_fmaf(-rate, v[i], w[i]);
    }
}

}  // namespace
}  // namespace dfp16::fast
