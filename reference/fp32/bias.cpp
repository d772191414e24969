// Bias of a channel (contract section 8).
#include "reference/fp32/operations.h"
#include "reference/fp32/sums.h"

namespace dfp16::fp32 {

void bias_forward(const Call& call) {
    const Planes planes(call.input_tensor(0).shape);
    const float* x = call.input(0);
    const float* b = call.input(1);
    float* y = call.output(0);
    call.pool.parallel_for(planes.N, [=](std::int64_t n, int) {
        for (std::int64_t k = 0; k < planes.C; ++k) {
            const std::int64_t first = (n * planes.C + k) * planes.pixels;
            for (std::int64_t i = first; i < first + planes.pixels; ++i) y[i] = x[i] + b[k];
        }
    });
}

void bias_gradient(const Call& call) {
    const Planes planes(call.input_tensor(0).shape);
    const float* dy = call.input(0);
    float* db = call.output(0);
    call.pool.parallel_for(planes.C, [=](std::int64_t k, int) {
        double sum = 0.0;
        for (std::int64_t n = 0; n < planes.N; ++n) {
            const float* plane = dy + (n * planes.C + k) * planes.pixels;
            sum += sum_of(planes.pixels, [=](std::int64_t i) { return static_cast<double>(plane[i]); });
        }
        db[k] = static_cast<float>(sum);
    });
}

}  // namespace dfp16::fp32
