#include <cmath>
#include <utility>

#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/lane_tile.h"
#include "vectors/mutants/kernels/pool_window.h"

namespace dfp16::mutants {

namespace {

float divisor_of(const PoolParams& p, const PoolWindow& window, Bug bug) {
    if (bug == Bug::average_pool_divides_by_existing)
        return static_cast<float>(std::max<std::int64_t>(window.existing(), 1));
    if (bug == Bug::average_pool_ceil_divides_by_whole) return static_cast<float>(p.R * p.S);
    return static_cast<float>(window.padded);
}

float quotient(float sum, float divisor, Bug bug) {
    return bug == Bug::average_pool_multiplies_by_reciprocal ? sum * (1.0f / divisor) : sum / divisor;
}

/// What one element of dx gets from the windows around it.
class Gathered {
public:
    Gathered(const PoolParams& p, int exponent, Bug bug) : p_(p), exponent_(exponent), bug_(bug) {}
    void add(std::int16_t m, const PoolWindow& window) {
        exact_ += m;
        fp32_ = fp32_ + quotient(scaled(m, exponent_), divisor_of(p_, window, bug_), bug_);
    }
    float result() const {
        if (p_.size == SizeRounding::ceil || bug_ == Bug::average_pool_backward_divides_each) return fp32_;
        return quotient(scaled(exact_, exponent_), static_cast<float>(p_.R * p_.S), bug_);
    }

private:
    const PoolParams& p_;
    int exponent_;
    Bug bug_;
    std::int64_t exact_ = 0;
    float fp32_ = 0.0f;
};

}  // namespace

void average_pool_forward(const Call& call) {
    const auto& p = std::get<PoolParams>(call.params);
    const HostTensor& x = *call.in[0];
    std::size_t output = 0;
    for (std::int64_t plane = 0; plane < p.N * p.C; ++plane) {
        for (std::int64_t row = 0; row < p.P; ++row) {
            for (std::int64_t column = 0; column < p.Q; ++column) {
                const PoolWindow window(p, row, column, call.bug);
                std::int64_t sum = 0;
                for (std::int64_t h = window.h; h < window.h_end; ++h) {
                    for (std::int64_t w = window.w; w < window.w_end; ++w) {
                        sum += int16_at(x, static_cast<std::size_t>((plane * p.H + h) * p.W + w));
                        if (call.bug == Bug::average_pool_sums_in_int16) sum = static_cast<std::int16_t>(sum);
                    }
                }
                call.out[0]->fp32()[output++] =
                    quotient(scaled(sum, x.exponent.value), divisor_of(p, window, call.bug), call.bug);
            }
        }
    }
}

void average_pool_backward(const Call& call) {
    const auto& p = std::get<PoolParams>(call.params);
    const HostTensor& dy = *call.in[0];
    const std::int64_t windows = p.P * p.Q;
    std::size_t at = 0;
    for (std::int64_t plane = 0; plane < p.N * p.C; ++plane) {
        for (std::int64_t h = 0; h < p.H; ++h) {
            for (std::int64_t w = 0; w < p.W; ++w) {
                Gathered gathered(p, dy.exponent.value, call.bug);
                for (std::int64_t i = 0; i < windows; ++i) {
                    const bool columns_first = call.bug == Bug::average_pool_backward_columns_first;
                    const std::int64_t row = columns_first ? i % p.P : i / p.Q;
                    const std::int64_t column = columns_first ? i / p.P : i % p.Q;
                    const PoolWindow window(p, row, column, call.bug);
                    if (!window.inside(h, w)) continue;
                    gathered.add(int16_at(dy, static_cast<std::size_t>((plane * p.P + row) * p.Q + column)), window);
                }
                call.out[0]->fp32()[at++] = gathered.result();
            }
        }
    }
}

}  // namespace dfp16::mutants
