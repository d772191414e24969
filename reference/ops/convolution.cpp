#include "reference/ops/convolution.h"

#include <vector>

#include "reference/ops/sum_of_products.h"
#include "reference/ops/taps.h"

namespace dfp16 {

void conv_forward(const ConvParams& c, const HostTensor& x, const HostTensor& w, HostTensor& y,
                  GoldenContext& context) {
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t Kg = c.K / c.groups;
    const std::int64_t pairs = pairs_in_order(Cg, c.R, c.S);
    const SumOfProducts sum(c.accumulation, x, w, pairs, y);
    std::vector<OperandRow> weights(static_cast<std::size_t>(c.K));
    for (std::int64_t k = 0; k < c.K; ++k) {
        auto& row = weights[static_cast<std::size_t>(k)];
        row.elements.resize(static_cast<std::size_t>(pairs * 2));
        in_order(Cg, c.R, c.S, [&](std::int64_t place, std::int64_t channel, std::int64_t r, std::int64_t s) {
            row.elements[static_cast<std::size_t>(place)] = w.mantissas()[at(w.shape, k, channel, r, s)];
        });
        sum.finish(row);
    }
    for_each_task(context, c.N * c.groups * c.P, [&](std::int64_t task, OverflowSummary& overflow) {
        const std::int64_t n = task / (c.groups * c.P);
        const std::int64_t g = task / c.P % c.groups;
        const std::int64_t p = task % c.P;
        const std::vector<std::int64_t> rows = inputs_of_taps(p, c.R, c.stride[0], c.pad[0], c.H);
        std::vector<Mantissa> inputs(static_cast<std::size_t>(pairs * 2));
        for (std::int64_t q = 0; q < c.Q; ++q) {
            const std::vector<std::int64_t> columns = inputs_of_taps(q, c.S, c.stride[1], c.pad[1], c.W);
            in_order(Cg, c.R, c.S, [&](std::int64_t place, std::int64_t channel, std::int64_t r, std::int64_t s) {
                const std::int64_t i = rows[static_cast<std::size_t>(r)];
                const std::int64_t j = columns[static_cast<std::size_t>(s)];
                const bool inside = i >= 0 && j >= 0;
                inputs[static_cast<std::size_t>(place)] =
                    inside ? x.mantissas()[at(x.shape, n, g * Cg + channel, i, j)] : Mantissa{0};
            });
            for (std::int64_t k = g * Kg; k < (g + 1) * Kg; ++k) {
                sum.compute(static_cast<std::int64_t>(at(y.shape, n, k, p, q)), inputs,
                            weights[static_cast<std::size_t>(k)], overflow);
            }
        }
    });
}

void conv_backward_data(const ConvParams& c, const HostTensor& dy, const HostTensor& w, HostTensor& dx,
                        GoldenContext& context) {
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t Kg = c.K / c.groups;
    const std::int64_t pairs = pairs_in_order(Kg, c.R, c.S);
    const SumOfProducts sum(c.accumulation, dy, w, pairs, dx);
    std::vector<OperandRow> weights(static_cast<std::size_t>(c.C));
    for (std::int64_t channel = 0; channel < c.C; ++channel) {
        auto& row = weights[static_cast<std::size_t>(channel)];
        row.elements.resize(static_cast<std::size_t>(pairs * 2));
        in_order(Kg, c.R, c.S, [&](std::int64_t place, std::int64_t k, std::int64_t r, std::int64_t s) {
            row.elements[static_cast<std::size_t>(place)] =
                w.mantissas()[at(w.shape, channel / Cg * Kg + k, channel % Cg, r, s)];
        });
        sum.finish(row);
    }
    for_each_task(context, c.N * c.groups * c.H, [&](std::int64_t task, OverflowSummary& overflow) {
        const std::int64_t n = task / (c.groups * c.H);
        const std::int64_t g = task / c.H % c.groups;
        const std::int64_t i = task % c.H;
        const std::vector<std::int64_t> rows = outputs_of_taps(i, c.R, c.stride[0], c.pad[0], c.P);
        std::vector<Mantissa> gradients(static_cast<std::size_t>(pairs * 2));
        for (std::int64_t j = 0; j < c.W; ++j) {
            const std::vector<std::int64_t> columns = outputs_of_taps(j, c.S, c.stride[1], c.pad[1], c.Q);
            in_order(Kg, c.R, c.S, [&](std::int64_t place, std::int64_t k, std::int64_t r, std::int64_t s) {
                const std::int64_t p = rows[static_cast<std::size_t>(r)];
                const std::int64_t q = columns[static_cast<std::size_t>(s)];
                const bool reached = p >= 0 && q >= 0;
                gradients[static_cast<std::size_t>(place)] =
                    reached ? dy.mantissas()[at(dy.shape, n, g * Kg + k, p, q)] : Mantissa{0};
            });
            for (std::int64_t channel = g * Cg; channel < (g + 1) * Cg; ++channel) {
                sum.compute(static_cast<std::int64_t>(at(dx.shape, n, channel, i, j)), gradients,
                            weights[static_cast<std::size_t>(channel)], overflow);
            }
        }
    });
}

void conv_weight_gradient(const ConvParams& c, const HostTensor& x, const HostTensor& dy, HostTensor& dw,
                          GoldenContext& context) {
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t Kg = c.K / c.groups;
    const std::int64_t row_size = pairs_of(c.Q) * 2;  // each row of Q is paired by itself
    const SumOfProducts sum(c.accumulation, dy, x, c.P * pairs_of(c.Q), dw);
    const auto size = static_cast<std::size_t>(c.N * c.P * row_size);
    const auto place = [&](std::int64_t n, std::int64_t p, std::int64_t q) {
        return static_cast<std::size_t>((n * c.P + p) * row_size + q);
    };
    std::vector<std::vector<Mantissa>> gradients(static_cast<std::size_t>(c.K), std::vector<Mantissa>(size));
    for (std::int64_t n = 0; n < c.N; ++n) {
        for (std::int64_t k = 0; k < c.K; ++k) {
            for (std::int64_t p = 0; p < c.P; ++p) {
                for (std::int64_t q = 0; q < c.Q; ++q) {
                    gradients[static_cast<std::size_t>(k)][place(n, p, q)] = dy.mantissas()[at(dy.shape, n, k, p, q)];
                }
            }
        }
    }
    for_each_task(context, c.C * c.R * c.S, [&](std::int64_t task, OverflowSummary& overflow) {
        const std::int64_t channel = task / (c.R * c.S);
        const std::int64_t r = task / c.S % c.R;
        const std::int64_t s = task % c.S;
        OperandRow inputs{std::vector<Mantissa>(size), 0};
        for (std::int64_t n = 0; n < c.N; ++n) {
            for (std::int64_t p = 0; p < c.P; ++p) {
                const std::int64_t i = p * c.stride[0] - c.pad[0] + r;
                if (i < 0 || i >= c.H) continue;
                for (std::int64_t q = 0; q < c.Q; ++q) {
                    const std::int64_t j = q * c.stride[1] - c.pad[1] + s;
                    if (j >= 0 && j < c.W)
                        inputs.elements[place(n, p, q)] = x.mantissas()[at(x.shape, n, channel, i, j)];
                }
            }
        }
        sum.finish(inputs);
        for (std::int64_t k = channel / Cg * Kg; k < (channel / Cg + 1) * Kg; ++k) {
            sum.compute(static_cast<std::int64_t>(at(dw.shape, k, channel % Cg, r, s)),
                        gradients[static_cast<std::size_t>(k)], inputs, overflow);
        }
    });
}

}  // namespace dfp16
