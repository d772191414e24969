#include "reference/ops/fma_convolution.h"

#include <cstdint>
#include <vector>

#include "reference/ops/fma_sum.h"
#include "reference/ops/taps.h"

namespace dfp16 {

namespace {

/// The weights of one output channel (forward) or input channel (backward-data), by their place in the order.
using WeightRow = std::vector<float>;

}  // namespace

void fma_conv_forward(const ConvParams& c, const HostTensor& x, const HostTensor& w, HostTensor& y,
                      GoldenContext& context) {
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t Kg = c.K / c.groups;
    const auto size = static_cast<std::size_t>(pairs_in_order(Cg, c.R, c.S) * 2);
    std::vector<WeightRow> weights(static_cast<std::size_t>(c.K), WeightRow(size));
    for (std::int64_t k = 0; k < c.K; ++k) {
        WeightRow& row = weights[static_cast<std::size_t>(k)];
        in_order(Cg, c.R, c.S, [&](std::int64_t place, std::int64_t channel, std::int64_t r, std::int64_t s) {
            row[static_cast<std::size_t>(place)] = w.fp32()[at(w.shape, k, channel, r, s)];
        });
    }
    for_each_plane(context, static_cast<std::size_t>(c.N * c.groups * c.P), [&](std::size_t number) {
        const auto task = static_cast<std::int64_t>(number);
        const std::int64_t n = task / (c.groups * c.P);
        const std::int64_t g = task / c.P % c.groups;
        const std::int64_t p = task % c.P;
        const std::vector<std::int64_t> rows = inputs_of_taps(p, c.R, c.stride[0], c.pad[0], c.H);
        ExistingProducts products;
        for (std::int64_t q = 0; q < c.Q; ++q) {
            const std::vector<std::int64_t> columns = inputs_of_taps(q, c.S, c.stride[1], c.pad[1], c.W);
            products.clear();
            in_order(Cg, c.R, c.S, [&](std::int64_t place, std::int64_t channel, std::int64_t r, std::int64_t s) {
                const std::int64_t i = rows[static_cast<std::size_t>(r)];
                const std::int64_t j = columns[static_cast<std::size_t>(s)];
                if (i >= 0 && j >= 0) products.add(x.fp32()[at(x.shape, n, g * Cg + channel, i, j)], place);
            });
            for (std::int64_t k = g * Kg; k < (g + 1) * Kg; ++k) {
                store_finite(y, static_cast<std::int64_t>(at(y.shape, n, k, p, q)),
                             products.sum(weights[static_cast<std::size_t>(k)]));
            }
        }
    });
}

void fma_conv_backward_data(const ConvParams& c, const HostTensor& dy, const HostTensor& w, HostTensor& dx,
                            GoldenContext& context) {
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t Kg = c.K / c.groups;
    const auto size = static_cast<std::size_t>(pairs_in_order(Kg, c.R, c.S) * 2);
    std::vector<WeightRow> weights(static_cast<std::size_t>(c.C), WeightRow(size));
    for (std::int64_t channel = 0; channel < c.C; ++channel) {
        WeightRow& row = weights[static_cast<std::size_t>(channel)];
        in_order(Kg, c.R, c.S, [&](std::int64_t place, std::int64_t k, std::int64_t r, std::int64_t s) {
            row[static_cast<std::size_t>(place)] = w.fp32()[at(w.shape, channel / Cg * Kg + k, channel % Cg, r, s)];
        });
    }
    for_each_plane(context, static_cast<std::size_t>(c.N * c.groups * c.H), [&](std::size_t number) {
        const auto task = static_cast<std::int64_t>(number);
        const std::int64_t n = task / (c.groups * c.H);
        const std::int64_t g = task / c.H % c.groups;
        const std::int64_t i = task % c.H;
        const std::vector<std::int64_t> rows = outputs_of_taps(i, c.R, c.stride[0], c.pad[0], c.P);
        ExistingProducts products;
        for (std::int64_t j = 0; j < c.W; ++j) {
            const std::vector<std::int64_t> columns = outputs_of_taps(j, c.S, c.stride[1], c.pad[1], c.Q);
            products.clear();
            in_order(Kg, c.R, c.S, [&](std::int64_t place, std::int64_t k, std::int64_t r, std::int64_t s) {
                const std::int64_t p = rows[static_cast<std::size_t>(r)];
                const std::int64_t q = columns[static_cast<std::size_t>(s)];
                if (p >= 0 && q >= 0) products.add(dy.fp32()[at(dy.shape, n, g * Kg + k, p, q)], place);
            });
            for (std::int64_t channel = g * Cg; channel < (g + 1) * Cg; ++channel) {
                store_finite(dx, static_cast<std::int64_t>(at(dx.shape, n, channel, i, j)),
                             products.sum(weights[static_cast<std::size_t>(channel)]));
            }
        }
    });
}

void fma_conv_weight_gradient(const ConvParams& c, const HostTensor& x, const HostTensor& dy, HostTensor& dw,
                              GoldenContext& context) {
    const std::int64_t Cg = c.C / c.groups;
    const std::int64_t Kg = c.K / c.groups;
    // Per output channel its dy in the order n, p, q.
    const auto size = static_cast<std::size_t>(c.N * c.P * c.Q);
    std::vector<std::vector<float>> gradients(static_cast<std::size_t>(c.K), std::vector<float>(size));
    const auto place_of = [&](std::int64_t n, std::int64_t p, std::int64_t q) { return (n * c.P + p) * c.Q + q; };
    for (std::int64_t k = 0; k < c.K; ++k) {
        for (std::int64_t n = 0; n < c.N; ++n) {
            for (std::int64_t p = 0; p < c.P; ++p) {
                for (std::int64_t q = 0; q < c.Q; ++q) {
                    gradients[static_cast<std::size_t>(k)][static_cast<std::size_t>(place_of(n, p, q))] =
                        dy.fp32()[at(dy.shape, n, k, p, q)];
                }
            }
        }
    }
    for_each_plane(context, static_cast<std::size_t>(c.C * c.R * c.S), [&](std::size_t number) {
        const auto task = static_cast<std::int64_t>(number);
        const std::int64_t channel = task / (c.R * c.S);
        const std::int64_t r = task / c.S % c.R;
        const std::int64_t s = task % c.S;
        ExistingProducts products;  // x is their a: a product does not know which came first
        for (std::int64_t n = 0; n < c.N; ++n) {
            for (std::int64_t p = 0; p < c.P; ++p) {
                const std::int64_t i = p * c.stride[0] - c.pad[0] + r;
                if (i < 0 || i >= c.H) continue;
                for (std::int64_t q = 0; q < c.Q; ++q) {
                    const std::int64_t j = q * c.stride[1] - c.pad[1] + s;
                    if (j >= 0 && j < c.W) products.add(x.fp32()[at(x.shape, n, channel, i, j)], place_of(n, p, q));
                }
            }
        }
        for (std::int64_t k = channel / Cg * Kg; k < (channel / Cg + 1) * Kg; ++k) {
            store_finite(dw, static_cast<std::int64_t>(at(dw.shape, k, channel % Cg, r, s)),
                         products.sum(gradients[static_cast<std::size_t>(k)]));
        }
    });
}

}  // namespace dfp16
