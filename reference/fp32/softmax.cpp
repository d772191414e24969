// Softmax cross-entropy (contract section 11).
#include <cmath>

#include "reference/fp32/operations.h"
#include "sim/types/error.h"

namespace dfp16::fp32 {

namespace {

void check_row(const Call& call, std::int64_t n, std::int64_t K) {
    for (std::int64_t i = n * K; i < (n + 1) * K; ++i) {
        const float z = call.input(0)[i];
        if (std::isfinite(z)) continue;
        throw InputError(call.element(call.operation.inputs[0], i) + ": " + std::to_string(z) +
                         ", expected a finite number");
    }
    const std::int64_t label = call.input_tensor(1).labels()[static_cast<std::size_t>(n)].value;
    if (label < 0 || label >= K) {
        throw InputError(call.element(call.operation.inputs[1], n) + ": label " + std::to_string(label) +
                         ", expected 0 to " + std::to_string(K - 1));
    }
}

}  // namespace

void softmax_forward(const Call& call) {
    const Shape& shape = call.input_tensor(0).shape;
    const std::int64_t N = shape[0];
    const std::int64_t K = shape[1];
    double loss = 0.0;
    for (std::int64_t n = 0; n < N; ++n) {
        check_row(call, n, K);
        const float* z = call.input(0) + n * K;
        float* p = call.output(0) + n * K;
        const std::int64_t label = call.input_tensor(1).labels()[static_cast<std::size_t>(n)].value;
        const float top = *std::max_element(z, z + K);
        const float distance = z[label] - top;
        float sum = 0.0f;
        for (std::int64_t j = 0; j < K; ++j) sum += p[j] = std::exp(z[j] - top);
        for (std::int64_t j = 0; j < K; ++j) p[j] /= sum;
        loss += std::log(sum) - distance;
    }
    call.output(1)[0] = static_cast<float>(loss / static_cast<double>(N));
}

void softmax_backward(const Call& call) {
    const Shape& shape = call.input_tensor(0).shape;
    const std::int64_t K = shape[1];
    const auto N = static_cast<float>(shape[0]);
    const float weight = call.params<LossParams>().weight;
    for (std::int64_t n = 0; n < shape[0]; ++n) {
        const std::int64_t label = call.input_tensor(1).labels()[static_cast<std::size_t>(n)].value;
        for (std::int64_t j = 0; j < K; ++j) {
            const std::int64_t i = n * K + j;
            call.output(0)[i] = (call.input(0)[i] - (j == label ? 1.0f : 0.0f)) / N * weight;
        }
    }
}

}  // namespace dfp16::fp32
