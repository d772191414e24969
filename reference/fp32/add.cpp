// Residual add (contract section 6, without alignment), with its ReLU.
#include "reference/fp32/operations.h"

namespace dfp16::fp32 {

void add(const Call& call) {
    const bool relu = call.params<AddParams>().relu;
    const float* a = call.input(0);
    const float* b = call.input(1);
    float* y = call.output(0);
    for_parts(call.pool, call.input_tensor(0).elements(), [=](std::int64_t first, std::int64_t end) {
        if (relu) {
            for (std::int64_t i = first; i < end; ++i) y[i] = a[i] + b[i] > 0.0f ? a[i] + b[i] : 0.0f;
        } else {
            for (std::int64_t i = first; i < end; ++i) y[i] = a[i] + b[i];
        }
    });
}

}  // namespace dfp16::fp32
