#include "reference/ops/softmax.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "sim/exp.h"
#include "sim/log.h"
#include "sim/tree_sum.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

std::size_t label_of(const HostTensor& labels, std::size_t n, std::size_t classes) {
    const std::int32_t label = labels.labels()[n].value;
    if (label < 0 || static_cast<std::size_t>(label) >= classes) {
        throw InputError("label " + std::to_string(label) + " of element " + std::to_string(n) + ", expected 0 to " +
                         std::to_string(classes - 1));
    }
    return static_cast<std::size_t>(label);
}

}  // namespace

void softmax_forward(const HostTensor& z, const HostTensor& labels, HostTensor& p, HostTensor& loss) {
    const auto N = static_cast<std::size_t>(z.shape[0]);
    const auto K = static_cast<std::size_t>(z.shape[1]);
    for (std::size_t i = 0; i < N * K; ++i) {
        if (!std::isfinite(z.fp32()[i])) {
            throw InputError("element " + std::to_string(i) + " is NaN or infinite, expected finite numbers");
        }
    }
    std::vector<float> losses(N);
    for (std::size_t n = 0; n < N; ++n) {
        const std::span<const float> row = std::span(z.fp32()).subspan(n * K, K);
        const float top = *std::max_element(row.begin(), row.end());
        float sum = 0.0f;
        for (std::size_t j = 0; j < K; ++j) {
            p.fp32()[n * K + j] = contract_exp(row[j] - top);
            sum = sum + p.fp32()[n * K + j];
        }
        for (std::size_t j = 0; j < K; ++j) p.fp32()[n * K + j] = p.fp32()[n * K + j] / sum;
        losses[n] = contract_log(sum) - (row[label_of(labels, n, K)] - top);
    }
    loss.fp32()[0] = tree_sum(std::span(losses)) / static_cast<float>(N);
}

void softmax_backward(const LossParams& params, const HostTensor& p, const HostTensor& labels, HostTensor& dz) {
    const auto N = static_cast<std::size_t>(p.shape[0]);
    const auto K = static_cast<std::size_t>(p.shape[1]);
    for (std::size_t n = 0; n < N; ++n) {
        const std::size_t label = label_of(labels, n, K);
        for (std::size_t j = 0; j < K; ++j) {
            const float t = j == label ? 1.0f : 0.0f;
            dz.fp32()[n * K + j] = ((p.fp32()[n * K + j] - t) / static_cast<float>(N)) * params.weight;
        }
    }
}

}  // namespace dfp16
