// Concat along channels, part by part.
#include <algorithm>

#include "vectors/mutants/kernels/kernels.h"
#include "vectors/mutants/kernels/planes.h"
#include "vectors/mutants/kernels/requantize.h"

namespace dfp16::mutants {

namespace {

int common_exponent(const Call& call) {
    int exponent = kExponentMin;
    for (const HostTensor* part : call.in) exponent = std::max(exponent, part->exponent.value);
    return call.bug == Bug::concat_exponent_of_first ? call.in[0]->exponent.value : exponent;
}

}  // namespace

void concat_forward(const Call& call) {
    const RoundingParams& rounding = std::get<ConcatParams>(call.params).rounding;
    HostTensor& y = *call.out[0];
    const PlaneSizes whole(y.shape);
    const RandomStream stream{call.context.seed, call.context.step, Purpose::align, rounding.tensor};
    const bool draws = rounding.rounding == Rounding::stochastic;
    y.exponent = {common_exponent(call)};
    std::size_t before = 0;
    for (const HostTensor* part : call.in) {
        const PlaneSizes sizes(part->shape);
        const int shift = std::max(y.exponent.value - part->exponent.value, 0);
        for (std::size_t i = 0; i < size_of(*part); ++i) {
            const std::size_t n = i / (sizes.C * sizes.pixels);
            const std::size_t at = whole.at(n, before, 0) + i % (sizes.C * sizes.pixels);
            const std::size_t drawn = call.bug == Bug::concat_words_by_part ? i : at;
            const std::uint32_t word = draws ? word_of(stream, drawn, call.bug) : 0;
            const bool cuts = call.bug == Bug::concat_truncates && !draws;
            const Rounding mode = cuts ? Rounding::toward_zero : rounding.rounding;
            y.mantissas()[at].value =
                static_cast<std::int16_t>(round_right(int16_at(*part, i), shift, mode, word, call.bug));
        }
        before += sizes.C;
    }
}

void concat_backward(const Call& call) {
    const HostTensor& dy = *call.in[0];
    const PlaneSizes whole(dy.shape);
    std::size_t before = 0;
    for (HostTensor* part : call.out) {
        const PlaneSizes sizes(part->shape);
        part->exponent = dy.exponent;
        for (std::size_t i = 0; i < size_of(*part); ++i) {
            const std::size_t n = i / (sizes.C * sizes.pixels);
            // Without the image's offset it is right for the first image only.
            const std::size_t image = call.bug == Bug::concat_backward_image_offset_of_part
                                          ? n * sizes.C * sizes.pixels + whole.at(0, before, 0)
                                          : whole.at(n, before, 0);
            part->mantissas()[i] = dy.mantissas()[image + i % (sizes.C * sizes.pixels)];
        }
        before += sizes.C;
    }
}

}  // namespace dfp16::mutants
