#include <algorithm>
#include <vector>

#include "fastpath/elementwise/numeric.h"
#include "fastpath/elementwise/operations.h"

namespace dfp16::fast {

namespace {

constexpr std::uint32_t kInfinity = 0x7F800000u;

void check_labels(const Tensor& labels, std::int64_t classes) {
    for (std::int64_t n = 0; n < labels.shape.elements(); ++n) {
        const std::int32_t label = labels.integers()[n];
        if (label < 0 || label >= classes) {
            throw InputError(message_at(labels, n, "label " + std::to_string(label)) + ", expected 0 to " +
                             std::to_string(classes - 1));
        }
    }
}

/// body(n) for every row of a tensor, in parallel.
template <typename Body>
void for_rows(const Execution& execution, const Layout& layout, const Body& body) {
    const std::int64_t grain = std::max<std::int64_t>(1, kParallelElements / 8 / layout.row_stride());
    for_ranges(execution.pool, layout.N, grain, [&](std::int64_t first, std::int64_t end, std::int64_t) {
        for (std::int64_t n = first; n < end; ++n) body(n);
    });
}

float* row(const Tensor& tensor, std::int64_t n) {
    return tensor.fp32() + n * tensor.layout.row_stride();
}

void clear_padding(const Tensor& tensor, std::int64_t n) {
    std::fill(row(tensor, n) + tensor.layout.row_elements(), row(tensor, n) + tensor.layout.row_stride(), 0.0f);
}

}  // namespace

void softmax_forward(const Execution& execution, const Tensor& z, const Tensor& labels, Tensor& p, Tensor& loss) {
    const std::int64_t classes = z.shape[1];
    check_labels(labels, classes);
    const TileSource source = TileSource::copy_of(z);
    if (max_magnitude(execution, source) >= kInfinity) {
        throw InputError(message_at(z, first_not_finite(execution, source), "NaN or infinity") +
                         ", expected finite values");
    }
    std::vector<float> losses(static_cast<std::size_t>(z.layout.N));
    for_rows(execution, z.layout, [&](std::int64_t n) {
        losses[static_cast<std::size_t>(n)] =
            execution.kernels.softmax_row(row(z, n), classes, labels.integers()[n], row(p, n));
        clear_padding(p, n);
    });
    loss.fp32()[0] = tree_sum(std::move(losses)) / static_cast<float>(z.layout.N);
}

void softmax_backward(const Execution& execution, const Tensor& p, const Tensor& labels, const LossParams& params,
                      Tensor& dz) {
    const std::int64_t classes = p.shape[1];
    check_labels(labels, classes);
    for_rows(execution, p.layout, [&](std::int64_t n) {
        execution.kernels.softmax_row_backward(row(p, n), classes, labels.integers()[n], static_cast<float>(p.layout.N),
                                               params.weight, row(dz, n));
        clear_padding(dz, n);
    });
}

}  // namespace dfp16::fast
