#include "reference/ops/average_pool.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "reference/ops/value.h"
#include "reference/ops/window.h"
#include "sim/accumulate.h"

namespace dfp16 {

namespace {

/// D of the window that gives element `y` of the output: its positions within the padded plane.
float divisor(const PoolParams& pool, std::size_t y) {
    const auto window = static_cast<std::int64_t>(y);
    const std::int64_t p = window / pool.Q % pool.P;
    const std::int64_t q = window % pool.Q;
    const std::int64_t rows = std::min(pool.R, pool.H + 2 * pool.pad[0] - p * pool.stride[0]);
    const std::int64_t columns = std::min(pool.S, pool.W + 2 * pool.pad[1] - q * pool.stride[1]);
    return static_cast<float>(rows * columns);
}

/// Windows of one size: the exact sum of an element's windows, rounded and divided once.
void backward_of_equal_windows(const PoolParams& pool, const HostTensor& dy, HostTensor& dx, std::size_t plane) {
    const auto size = static_cast<std::size_t>(pool.H * pool.W);
    std::vector<std::int64_t> sums(size);
    for_each_in_windows(
        pool, plane, [&](std::size_t to, std::size_t from) { sums[to - plane * size] += dy.mantissas()[from].value; });
    const auto R_S = static_cast<float>(pool.R * pool.S);
    for (std::size_t i = 0; i < size; ++i) {
        dx.fp32()[plane * size + i] = scale_exact(sums[i], dy.exponent.value) / R_S;
    }
}

/// Windows that may be cut at the end: each dy divided by its own window's size.
void backward_of_cut_windows(const PoolParams& pool, const HostTensor& dy, HostTensor& dx, std::size_t plane) {
    const auto size = static_cast<std::size_t>(pool.H * pool.W);
    std::fill_n(dx.fp32().begin() + static_cast<std::ptrdiff_t>(plane * size), size, 0.0f);
    for_each_in_windows(pool, plane, [&](std::size_t to, std::size_t from) {
        dx.fp32()[to] = dx.fp32()[to] + value_of(dy, from) / divisor(pool, from);
    });
}

}  // namespace

void average_pool_forward(const PoolParams& pool, const HostTensor& x, HostTensor& y, GoldenContext& context) {
    for_each_plane(context, planes_of(pool), [&](std::size_t plane) {
        const auto size = static_cast<std::size_t>(pool.P * pool.Q);
        std::vector<std::int64_t> sums(size);
        for_each_in_windows(pool, plane, [&](std::size_t from, std::size_t to) {
            sums[to - plane * size] += x.mantissas()[from].value;
        });
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t window = plane * size + i;
            y.fp32()[window] = scale_exact(sums[i], x.exponent.value) / divisor(pool, window);
        }
    });
}

void average_pool_backward(const PoolParams& pool, const HostTensor& dy, HostTensor& dx, GoldenContext& context) {
    for_each_plane(context, planes_of(pool), [&](std::size_t plane) {
        if (pool.size == SizeRounding::floor) {
            backward_of_equal_windows(pool, dy, dx, plane);
        } else {
            backward_of_cut_windows(pool, dy, dx, plane);
        }
    });
}

}  // namespace dfp16
