// Dropout: four words of Philox at a time.
#include <cmath>

#include "sim/philox.h"
#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/lane_tile.h"

namespace dfp16::mutants {

namespace {

RandomStream stream_of(const Call& call, const DropoutParams& p) {
    const std::uint64_t seed =
        call.bug == Bug::dropout_seed_of_32_bits ? call.context.seed & 0xFFFFFFFFu : call.context.seed;
    return {seed, call.context.step, Purpose::dropout, p.tensor};
}

bool kept(std::uint32_t word, float rate, Bug bug) {
    const auto threshold = static_cast<std::uint64_t>(std::ldexp(rate, 32));
    return bug == Bug::dropout_drops_at_equal ? word > threshold : word >= threshold;
}

float scale_of(float value, float rate, Bug bug) {
    if (bug == Bug::dropout_divides) return value / (1.0f - rate);
    return value * (1.0f / (1.0f - rate));
}

void drop(const Call& call) {
    const auto& p = std::get<DropoutParams>(call.params);
    const HostTensor& x = *call.in[0];
    std::vector<float>& y = call.out[0]->fp32();
    const RandomStream stream = stream_of(call, p);
    for (std::size_t first = 0; first < y.size(); first += 4) {
        const PhiloxCounter words = stream.words(first / 4);
        for (std::size_t i = first; i < std::min(first + 4, y.size()); ++i) {
            const bool reversed = call.bug == Bug::dropout_lanes_reversed;
            const float value = scale_of(scaled(int16_at(x, i), x.exponent.value), p.rate, call.bug);
            const float dropped = call.bug == Bug::dropout_multiplies_by_mask ? value * 0.0f : 0.0f;
            y[i] = kept(words[reversed ? 3 - i % 4 : i % 4], p.rate, call.bug) ? value : dropped;
        }
    }
}

}  // namespace

void dropout_forward(const Call& call) {
    drop(call);
}
void dropout_backward(const Call& call) {
    drop(call);
}

}  // namespace dfp16::mutants
