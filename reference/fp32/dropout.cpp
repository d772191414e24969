// Dropout (contract section 8), with the contract's random words.
#include "reference/fp32/operations.h"
#include "sim/philox.h"

namespace dfp16::fp32 {

namespace {

/// Forward and backward are the same: kept elements times 1 / (1 - rate), zeros elsewhere.
void drop(const Call& call) {
    const auto& params = call.params<DropoutParams>();
    const float scale = 1.0f / (1.0f - params.rate);
    const auto threshold = static_cast<std::uint32_t>(static_cast<double>(params.rate) * 0x1p32);
    const RandomStream random{call.run.seed, call.run.step, Purpose::dropout, params.tensor};
    const float* x = call.input(0);
    float* y = call.output(0);
    for_parts(call.pool, call.input_tensor(0).elements(), [=](std::int64_t first, std::int64_t end) {
        for (std::int64_t i = first; i < end; ++i) {
            y[i] = random.word(static_cast<std::uint64_t>(i)) >= threshold ? x[i] * scale : 0.0f;
        }
    });
}

}  // namespace

void dropout_forward(const Call& call) {
    drop(call);
}

void dropout_backward(const Call& call) {
    drop(call);
}

}  // namespace dfp16::fp32
