#include <utility>

#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/pool_window.h"
#include "vectors/mutants/kernels/requantize.h"

namespace dfp16::mutants {

namespace {

struct Largest {
    std::int64_t value;
    std::size_t index;
};

Largest largest_of(const PoolParams& p, const HostTensor& x, std::int64_t plane, const PoolWindow& window, Bug bug) {
    std::int64_t start = INT64_MIN;
    if (bug == Bug::max_pool_starts_at_minus_32767) start = -32767;
    const bool padded = window.existing() < p.R * p.S && bug == Bug::max_pool_padding_is_zero;
    Largest largest{padded ? 0 : start, static_cast<std::size_t>(plane * p.H * p.W)};
    for (std::int64_t h = window.h; h < window.h_end; ++h) {
        for (std::int64_t w = window.w; w < window.w_end; ++w) {
            const auto at = static_cast<std::size_t>((plane * p.H + h) * p.W + w);
            const std::int64_t m = int16_at(x, at);
            const bool later = bug == Bug::max_pool_backward_takes_last ? m >= largest.value : m > largest.value;
            if (later) largest = {m, at};
        }
    }
    return largest;
}

template <typename Visit>
void each_window(const PoolParams& p, Bug bug, const Visit& visit) {
    for (std::int64_t plane = 0; plane < p.N * p.C; ++plane) {
        for (std::int64_t row = 0; row < p.P; ++row) {
            for (std::int64_t column = 0; column < p.Q; ++column) {
                const auto output = static_cast<std::size_t>((plane * p.P + row) * p.Q + column);
                visit(plane, PoolWindow(p, row, column, bug), output);
            }
        }
    }
}

}  // namespace

void max_pool_forward(const Call& call) {
    const auto& p = std::get<PoolParams>(call.params);
    const HostTensor& x = *call.in[0];
    HostTensor& y = *call.out[0];
    y.exponent = x.exponent;
    each_window(p, call.bug, [&](std::int64_t plane, const PoolWindow& window, std::size_t output) {
        const Largest largest = largest_of(p, x, plane, window, call.bug);
        y.mantissas()[output].value = static_cast<std::int16_t>(largest.value);
    });
}

void max_pool_backward(const Call& call) {
    const auto& p = std::get<PoolParams>(call.params);
    const HostTensor& x = *call.in[0];
    const HostTensor& dy = *call.in[1];
    std::vector<std::int64_t> sums(size_of(x));
    each_window(p, call.bug, [&](std::int64_t plane, const PoolWindow& window, std::size_t output) {
        std::int64_t& sum = sums[largest_of(p, x, plane, window, call.bug).index];
        sum = call.bug == Bug::max_pool_backward_overwrites ? int16_at(dy, output) : sum + int16_at(dy, output);
        if (call.bug == Bug::max_pool_backward_sums_in_int16) sum = std::clamp<std::int64_t>(sum, -32768, 32767);
    });
    requantize(sums, dy.exponent.value, p.rounding, call, *call.out[0]);
}

}  // namespace dfp16::mutants
