#include "reference/ops/bias.h"

#include <cstdint>
#include <span>
#include <vector>

#include "reference/ops/planes.h"
#include "sim/accumulate.h"
#include "sim/tree_sum.h"

namespace dfp16 {

namespace {

float exact_gradient(const HostTensor& dy, const Planes& planes, std::size_t k) {
    std::int64_t sum = 0;
    for (std::size_t n = 0; n < planes.N; ++n) {
        const std::size_t first = planes.first(n, k);
        for (std::size_t i = 0; i < planes.pixels; ++i) sum += dy.mantissas()[first + i].value;
    }
    return scale_exact(sum, dy.exponent.value);
}

float fp32_gradient(const HostTensor& dy, const Planes& planes, std::size_t k) {
    std::vector<float> sums(planes.N);
    for (std::size_t n = 0; n < planes.N; ++n) {
        const std::size_t first = planes.first(n, k);
        for (std::size_t i = 0; i < planes.pixels; ++i) sums[n] = sums[n] + dy.fp32()[first + i];
    }
    return tree_sum(std::span(sums));
}

}  // namespace

void bias_forward(const HostTensor& x, const HostTensor& b, HostTensor& y, GoldenContext& context) {
    const Planes planes(x.shape);
    for_each_plane(context, planes.N, [&](std::size_t n) {
        for (std::size_t k = 0; k < planes.C; ++k) {
            const std::size_t first = planes.first(n, k);
            for (std::size_t i = first; i < first + planes.pixels; ++i) y.fp32()[i] = x.fp32()[i] + b.fp32()[k];
        }
    });
}

void bias_gradient(const HostTensor& dy, HostTensor& db, GoldenContext& context) {
    const Planes planes(dy.shape);
    for_each_plane(context, planes.C, [&](std::size_t k) {
        const bool fp32 = dy.type() == ElementType::fp32;
        db.fp32()[k] = fp32 ? fp32_gradient(dy, planes, k) : exact_gradient(dy, planes, k);
    });
}

}  // namespace dfp16
