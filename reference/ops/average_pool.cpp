#include "reference/ops/average_pool.h"

#include <cstdint>
#include <vector>

#include "reference/ops/window.h"
#include "sim/accumulate.h"

namespace dfp16 {

namespace {
void divide(const PoolParams& pool, const std::vector<std::int64_t>& sums, Exponent exponent, HostTensor& out) {
    const auto divisor = static_cast<float>(pool.R * pool.S);
    for (std::size_t i = 0; i < sums.size(); ++i) out.fp32()[i] = scale_exact(sums[i], exponent.value) / divisor;
}
}  // namespace

void average_pool_forward(const PoolParams& pool, const HostTensor& x, HostTensor& y) {
    std::vector<std::int64_t> sums(y.fp32().size());
    for_each_in_windows(pool, [&](std::size_t from, std::size_t to) { sums[to] += x.mantissas()[from].value; });
    divide(pool, sums, x.exponent, y);
}

void average_pool_backward(const PoolParams& pool, const HostTensor& dy, HostTensor& dx) {
    std::vector<std::int64_t> sums(dx.fp32().size());
    for_each_in_windows(pool, [&](std::size_t to, std::size_t from) { sums[to] += dy.mantissas()[from].value; });
    divide(pool, sums, dy.exponent, dx);
}

}  // namespace dfp16
