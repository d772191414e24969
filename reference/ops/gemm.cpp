#include "reference/ops/gemm.h"

#include <cstdint>
#include <vector>

#include "reference/ops/sum_of_products.h"

namespace dfp16 {

namespace {

/// A matrix operand seen by its place in the product: element(row, i) = data[row * row_step + i * step].
struct MatrixView {
    const HostTensor& tensor;
    std::int64_t row_step;
    std::int64_t step;

    std::vector<Mantissa> row(std::int64_t index, std::int64_t length) const {
        std::vector<Mantissa> elements(static_cast<std::size_t>(pairs_of(length) * 2));
        for (std::int64_t i = 0; i < length; ++i) {
            elements[static_cast<std::size_t>(i)] =
                tensor.mantissas()[static_cast<std::size_t>(index * row_step + i * step)];
        }
        return elements;
    }
};

/// out[m * N + n] = sum over i < K of a(m, i) * b(n, i).
void product(const Accumulation& accumulation, std::int64_t M, std::int64_t N, std::int64_t K, const MatrixView& a,
             const MatrixView& b, HostTensor& out, GoldenContext& context) {
    const SumOfProducts sum(accumulation, a.tensor, b.tensor, pairs_of(K), out);
    std::vector<std::vector<Mantissa>> a_rows;
    for (std::int64_t m = 0; m < M; ++m) a_rows.push_back(a.row(m, K));
    for_each_task(context, N, [&](std::int64_t n, OverflowSummary& overflow) {
        OperandRow b_row{b.row(n, K), 0};
        sum.finish(b_row);
        for (std::int64_t m = 0; m < M; ++m) {
            sum.compute(m * N + n, a_rows[static_cast<std::size_t>(m)], b_row, overflow);
        }
    });
}

}  // namespace

void gemm(const GemmParams& g, const HostTensor& a, const HostTensor& b, HostTensor& c, GoldenContext& context) {
    product(g.accumulation, g.M, g.N, g.K, {a, g.K, 1}, {b, 1, g.N}, c, context);
}

void fc_forward(const FcParams& fc, const HostTensor& x, const HostTensor& w, HostTensor& y, GoldenContext& context) {
    product(fc.accumulation, fc.N, fc.K, fc.C, {x, fc.C, 1}, {w, fc.C, 1}, y, context);
}

void fc_backward_data(const FcParams& fc, const HostTensor& dy, const HostTensor& w, HostTensor& dx,
                      GoldenContext& context) {
    product(fc.accumulation, fc.N, fc.C, fc.K, {dy, fc.K, 1}, {w, 1, fc.C}, dx, context);
}

void fc_weight_gradient(const FcParams& fc, const HostTensor& x, const HostTensor& dy, HostTensor& dw,
                        GoldenContext& context) {
    product(fc.accumulation, fc.K, fc.C, fc.N, {dy, 1, fc.K}, {x, 1, fc.C}, dw, context);
}

}  // namespace dfp16
