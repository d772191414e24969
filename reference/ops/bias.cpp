#include "reference/ops/bias.h"

#include <cstdint>
#include <vector>

#include "sim/accumulate.h"

namespace dfp16 {

namespace {
/// The channel (dimension 1) of a flat index.
std::size_t channel_of(const Shape& shape, std::size_t index) {
    const std::int64_t inner = shape.elements() / (shape[0] * shape[1]);
    return static_cast<std::size_t>(static_cast<std::int64_t>(index) / inner % shape[1]);
}
}  // namespace

void bias_forward(const HostTensor& x, const HostTensor& b, HostTensor& y) {
    for (std::size_t i = 0; i < x.fp32().size(); ++i) y.fp32()[i] = x.fp32()[i] + b.fp32()[channel_of(x.shape, i)];
}

void bias_gradient(const HostTensor& dy, HostTensor& db) {
    std::vector<std::int64_t> sums(db.fp32().size());
    for (std::size_t i = 0; i < dy.mantissas().size(); ++i) sums[channel_of(dy.shape, i)] += dy.mantissas()[i].value;
    for (std::size_t k = 0; k < sums.size(); ++k) db.fp32()[k] = scale_exact(sums[k], dy.exponent.value);
}

}  // namespace dfp16
