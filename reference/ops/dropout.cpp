#include "reference/ops/dropout.h"

#include <cstdint>

#include "reference/ops/value.h"
#include "sim/philox.h"

namespace dfp16 {

namespace {

/// What is kept, scaled by what the dropped ones leave out.
void keep(const DropoutParams& dropout, const HostTensor& from, HostTensor& to, GoldenContext& context) {
    const RandomStream random{context.run.seed, context.run.step, Purpose::dropout, dropout.tensor};
    const auto threshold = static_cast<std::uint32_t>(static_cast<double>(dropout.rate) * 0x1p32);
    const float scale = 1.0f / (1.0f - dropout.rate);
    for_each_run(context, to.fp32().size(), kRun, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            to.fp32()[i] = random.word(i) >= threshold ? value_of(from, i) * scale : 0.0f;
        }
    });
}

}  // namespace

void dropout_forward(const DropoutParams& dropout, const HostTensor& x, HostTensor& y, GoldenContext& context) {
    keep(dropout, x, y, context);
}

void dropout_backward(const DropoutParams& dropout, const HostTensor& dy, HostTensor& dx, GoldenContext& context) {
    keep(dropout, dy, dx, context);
}

}  // namespace dfp16
