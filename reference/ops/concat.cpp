#include "reference/ops/concat.h"

#include <algorithm>
#include <cstdint>

#include "reference/ops/planes.h"
#include "sim/align.h"
#include "sim/philox.h"

namespace dfp16 {

namespace {

/// Calls visit(index in the part, index in the whole) for every element of the part whose first channel is `channel`
/// of the whole.
template <typename Visit>
void for_each_element(GoldenContext& context, const Shape& part_shape, const Shape& whole_shape, std::size_t channel,
                      Visit visit) {
    const Planes part(part_shape);
    const Planes whole(whole_shape);
    for_each_plane(context, part.N * part.C, [&](std::size_t plane) {
        const std::size_t from = plane * part.pixels;
        const std::size_t to = whole.first(plane / part.C, channel + plane % part.C);
        for (std::size_t pixel = 0; pixel < part.pixels; ++pixel) visit(from + pixel, to + pixel);
    });
}

}  // namespace

void concat_forward(const ConcatParams& concat, std::span<const HostTensor* const> parts, HostTensor& y,
                    GoldenContext& context) {
    const RoundingParams& rounding = concat.rounding;
    const RandomStream random{context.run.seed, context.run.step, Purpose::align, rounding.tensor};
    y.exponent = parts[0]->exponent;
    for (const HostTensor* x : parts) y.exponent.value = std::max(y.exponent.value, x->exponent.value);
    std::size_t channel = 0;
    for (const HostTensor* x : parts) {
        const int shift = y.exponent.value - x->exponent.value;
        for_each_element(context, x->shape, y.shape, channel, [&](std::size_t from, std::size_t to) {
            const std::uint32_t word = rounding.rounding == Rounding::stochastic ? random.word(to) : 0;
            const Accumulator aligned = align(x->mantissas()[from], shift, rounding.rounding, word);
            y.mantissas()[to].value = static_cast<std::int16_t>(aligned.value);
        });
        channel += static_cast<std::size_t>(x->shape[1]);
    }
}

void concat_backward(const HostTensor& dy, std::span<HostTensor* const> parts, GoldenContext& context) {
    std::size_t channel = 0;
    for (HostTensor* dx : parts) {
        dx->exponent = dy.exponent;
        for_each_element(context, dx->shape, dy.shape, channel,
                         [&](std::size_t to, std::size_t from) { dx->mantissas()[to] = dy.mantissas()[from]; });
        channel += static_cast<std::size_t>(dx->shape[1]);
    }
}

}  // namespace dfp16
