#include "reference/ops/fma_gemm.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "reference/ops/fma_sum.h"

namespace dfp16 {

namespace {

/// A matrix operand seen by its place in the product: element(row, i) = data[row * row_step + i * step].
struct MatrixView {
    const HostTensor& tensor;
    std::int64_t row_step;
    std::int64_t step;

    std::vector<float> row(std::int64_t index, std::int64_t length) const {
        std::vector<float> elements(static_cast<std::size_t>(length));
        for (std::int64_t i = 0; i < length; ++i) {
            elements[static_cast<std::size_t>(i)] =
                tensor.fp32()[static_cast<std::size_t>(index * row_step + i * step)];
        }
        return elements;
    }
};

/// out[m * N + n] = sum over i < K of a(m, i) * b(n, i).
void product(std::int64_t M, std::int64_t N, std::int64_t K, const MatrixView& a, const MatrixView& b, HostTensor& out,
             GoldenContext& context) {
    std::vector<std::vector<float>> a_rows;
    for (std::int64_t m = 0; m < M; ++m) a_rows.push_back(a.row(m, K));
    for_each_plane(context, static_cast<std::size_t>(N), [&](std::size_t column) {
        const auto n = static_cast<std::int64_t>(column);
        const std::vector<float> b_row = b.row(n, K);
        for (std::int64_t m = 0; m < M; ++m) {
            const std::vector<float>& a_row = a_rows[static_cast<std::size_t>(m)];
            float acc = 0.0f;
            for (std::size_t i = 0; i < b_row.size(); ++i) acc = std::fma(a_row[i], b_row[i], acc);
            store_finite(out, m * N + n, acc);
        }
    });
}

}  // namespace

void fma_gemm(const GemmParams& g, const HostTensor& a, const HostTensor& b, HostTensor& c, GoldenContext& context) {
    product(g.M, g.N, g.K, {a, g.K, 1}, {b, 1, g.N}, c, context);
}

void fma_fc_forward(const FcParams& fc, const HostTensor& x, const HostTensor& w, HostTensor& y,
                    GoldenContext& context) {
    product(fc.N, fc.K, fc.C, {x, fc.C, 1}, {w, fc.C, 1}, y, context);
}

void fma_fc_backward_data(const FcParams& fc, const HostTensor& dy, const HostTensor& w, HostTensor& dx,
                          GoldenContext& context) {
    product(fc.N, fc.C, fc.K, {dy, fc.K, 1}, {w, 1, fc.C}, dx, context);
}

void fma_fc_weight_gradient(const FcParams& fc, const HostTensor& x, const HostTensor& dy, HostTensor& dw,
                            GoldenContext& context) {
    product(fc.K, fc.C, fc.N, {dy, 1, fc.K}, {x, 1, fc.C}, dw, context);
}

}  // namespace dfp16
