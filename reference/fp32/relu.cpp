// ReLU (contract section 8).
#include "reference/fp32/operations.h"

namespace dfp16::fp32 {

void relu_forward(const Call& call) {
    const float* x = call.input(0);
    float* y = call.output(0);
    for_parts(call.pool, call.input_tensor(0).elements(), [=](std::int64_t first, std::int64_t end) {
        for (std::int64_t i = first; i < end; ++i) y[i] = x[i] > 0.0f ? x[i] : 0.0f;
    });
}

void relu_backward(const Call& call) {
    const float* dy = call.input(0);
    const float* y = call.input(1);
    float* dx = call.output(0);
    for_parts(call.pool, call.input_tensor(0).elements(), [=](std::int64_t first, std::int64_t end) {
        for (std::int64_t i = first; i < end; ++i) {
            const float gradient = dy[i];  // read in any case, or the loop is not vectorized
            dx[i] = y[i] > 0.0f ? gradient : 0.0f;
        }
    });
}

}  // namespace dfp16::fp32
