#include <algorithm>

#include "fastpath/elementwise/operations.h"
#include "fastpath/elementwise/tiles.h"

namespace dfp16::fast {

namespace {

void start_from(const Tensor& from, Tensor& to) {
    if (from.data != to.data) std::copy_n(from.fp32(), from.layout.elements(), to.fp32());
}

}  // namespace

void sgd_update(const Execution& execution, const std::array<Tensor*, 3>& inputs, const SgdParams& params, Tensor& w,
                Tensor& v) {
    start_from(*inputs[0], w);
    start_from(*inputs[1], v);
    const float* dw = inputs[2]->fp32();
    for_tiles(execution.pool, w.layout, Cut::anywhere, [&](const Tile& tile, std::int64_t) {
        execution.kernels.sgd_update(dw + tile.begin, tile.count, execution.context.learning_rate, params.momentum,
                                     params.weight_decay, w.fp32() + tile.begin, v.fp32() + tile.begin);
    });
}

}  // namespace dfp16::fast
