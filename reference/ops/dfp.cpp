#include "reference/ops/dfp.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "reference/ops/reject_lowest.h"
#include "sim/align.h"
#include "sim/dequantize.h"
#include "sim/down_convert.h"
#include "sim/multiply.h"
#include "sim/quantize.h"
#include "sim/types/error.h"

namespace dfp16 {

namespace {

RandomStream stream_of(const GoldenContext& context, Purpose purpose, const RoundingParams& params) {
    return {context.run.seed, context.run.step, purpose, params.tensor};
}

void down_convert_sums(const RoundingParams& params, const std::vector<Accumulator>& sums, Exponent exponent,
                       HostTensor& y, const GoldenContext& context) {
    y.exponent = down_convert(sums, exponent, params.headroom, params.rounding,
                              stream_of(context, Purpose::down_convert, params), y.mantissas());
}

}  // namespace

void quantize(const RoundingParams& params, const HostTensor& x, HostTensor& y, GoldenContext& context) {
    y.exponent = quantize(x.fp32(), params.headroom, params.rounding, stream_of(context, Purpose::quantize, params),
                          y.mantissas());
}

void dequantize(const HostTensor& x, HostTensor& y) {
    for (std::size_t i = 0; i < x.mantissas().size(); ++i) {
        y.fp32()[i] = dequantize(x.mantissas()[i], x.exponent);
        if (!std::isfinite(y.fp32()[i]))
            throw InputError("element " + std::to_string(i) + ": result beyond FP32 (2^128 or more)");
    }
}

void down_convert(const RoundingParams& params, const HostTensor& x, HostTensor& y, GoldenContext& context) {
    down_convert_sums(params, x.accumulators(), x.exponent, y, context);
}

void multiply(const RoundingParams& params, const HostTensor& a, const HostTensor& b, HostTensor& y,
              GoldenContext& context) {
    reject_lowest(a, "first");
    reject_lowest(b, "second");
    std::vector<Accumulator> products(a.mantissas().size());
    for (std::size_t i = 0; i < products.size(); ++i) products[i] = multiply(a.mantissas()[i], b.mantissas()[i]);
    down_convert_sums(params, products, {a.exponent.value + b.exponent.value}, y, context);
}

void add(const AddParams& params, const HostTensor& a, const HostTensor& b, HostTensor& y, GoldenContext& context) {
    reject_lowest(a, "first");
    reject_lowest(b, "second");
    const RoundingParams& rounding = params.rounding;
    const RandomStream random = stream_of(context, Purpose::align, rounding);
    const int exponent = std::max(a.exponent.value, b.exponent.value);
    std::vector<Accumulator> sums(a.mantissas().size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const std::uint32_t word = rounding.rounding == Rounding::stochastic ? random.word(i) : 0;
        const Accumulator left = align(a.mantissas()[i], exponent - a.exponent.value, rounding.rounding, word);
        const Accumulator right = align(b.mantissas()[i], exponent - b.exponent.value, rounding.rounding, word);
        sums[i] = {left.value + right.value};
        if (params.relu) sums[i].value = std::max(sums[i].value, 0);
    }
    down_convert_sums(rounding, sums, {exponent}, y, context);
}

}  // namespace dfp16
