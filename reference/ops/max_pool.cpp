#include "reference/ops/max_pool.h"

#include <cstdint>
#include <vector>

#include "reference/ops/dfp.h"
#include "reference/ops/window.h"

namespace dfp16 {

namespace {

constexpr auto kNone = static_cast<std::size_t>(-1);

/// Per window, the index of its first largest element.
std::vector<std::size_t> first_largest(const PoolParams& pool, const HostTensor& x, GoldenContext& context) {
    std::vector<std::size_t> largest(static_cast<std::size_t>(pool.N * pool.C * pool.P * pool.Q), kNone);
    for_each_plane(context, planes_of(pool), [&](std::size_t plane) {
        for_each_in_windows(pool, plane, [&](std::size_t from, std::size_t window) {
            std::size_t& best = largest[window];
            if (best == kNone || x.mantissas()[from].value > x.mantissas()[best].value) best = from;
        });
    });
    return largest;
}

}  // namespace

void max_pool_forward(const PoolParams& pool, const HostTensor& x, HostTensor& y, GoldenContext& context) {
    const std::vector<std::size_t> largest = first_largest(pool, x, context);
    y.exponent = x.exponent;
    for (std::size_t i = 0; i < largest.size(); ++i) y.mantissas()[i] = x.mantissas()[largest[i]];
}

void max_pool_backward(const PoolParams& pool, const HostTensor& x, const HostTensor& dy, HostTensor& dx,
                       GoldenContext& context) {
    const std::vector<std::size_t> largest = first_largest(pool, x, context);
    std::vector<Accumulator> sums(x.mantissas().size());
    for (std::size_t i = 0; i < largest.size(); ++i) sums[largest[i]].value += dy.mantissas()[i].value;
    down_convert_sums(pool.rounding, sums, dy.exponent, dx, context);
}

}  // namespace dfp16
