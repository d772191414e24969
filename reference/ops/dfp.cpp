#include "reference/ops/dfp.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "reference/ops/reject_lowest.h"
#include "reference/ops/value.h"
#include "sim/align.h"
#include "sim/down_convert.h"
#include "sim/multiply.h"
#include "sim/quantize.h"

namespace dfp16 {

namespace {

RandomStream stream_of(const GoldenContext& context, Purpose purpose, const RoundingParams& params) {
    return {context.run.seed, context.run.step, purpose, params.tensor};
}

/// The largest of largest_in(begin, end) over the runs of a tensor.
template <typename Value, typename LargestIn>
Value largest_of(std::size_t elements, GoldenContext& context, LargestIn largest_in) {
    std::vector<Value> largest(elements / kRun + 1);
    for_each_run(context, elements, kRun,
                 [&](std::size_t begin, std::size_t end) { largest[begin / kRun] = largest_in(begin, end); });
    return *std::max_element(largest.begin(), largest.end());
}

}  // namespace

void quantize(const RoundingParams& params, const HostTensor& x, HostTensor& y, GoldenContext& context) {
    const RandomStream random = stream_of(context, Purpose::quantize, params);
    const std::span elements(x.fp32());
    const auto largest = largest_of<float>(elements.size(), context, [&](std::size_t begin, std::size_t end) {
        return largest_magnitude(elements.subspan(begin, end - begin), begin);
    });
    y.exponent = exponent_for(largest, params.headroom);
    for_each_run(context, elements.size(), kRun, [&](std::size_t begin, std::size_t end) {
        quantize_elements(elements.subspan(begin, end - begin), begin, y.exponent, params.headroom, params.rounding,
                          random, std::span(y.mantissas()).subspan(begin, end - begin));
    });
}

void dequantize(const HostTensor& x, HostTensor& y, GoldenContext& context) {
    for_each_run(context, x.mantissas().size(), kRun, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) y.fp32()[i] = value_of(x, i);
    });
}

void down_convert_sums(const RoundingParams& params, const std::vector<Accumulator>& sums, Exponent exponent,
                       HostTensor& y, GoldenContext& context) {
    const RandomStream random = stream_of(context, Purpose::down_convert, params);
    const std::span elements(sums);
    const auto largest = largest_of<std::uint32_t>(elements.size(), context, [&](std::size_t begin, std::size_t end) {
        return largest_magnitude(elements.subspan(begin, end - begin));
    });
    if (largest == 0) {
        std::fill(y.mantissas().begin(), y.mantissas().end(), Mantissa{0});
        y.exponent = {kExponentMin};
        return;
    }
    const int shift = down_convert_shift(largest, exponent, params.headroom);
    y.exponent = {exponent.value + shift};
    for_each_run(context, elements.size(), kRun, [&](std::size_t begin, std::size_t end) {
        down_convert_elements(elements.subspan(begin, end - begin), begin, shift, params.headroom, params.rounding,
                              random, std::span(y.mantissas()).subspan(begin, end - begin));
    });
}

void down_convert(const RoundingParams& params, const HostTensor& x, HostTensor& y, GoldenContext& context) {
    down_convert_sums(params, x.accumulators(), x.exponent, y, context);
}

void multiply(const RoundingParams& params, const HostTensor& a, const HostTensor& b, HostTensor& y,
              GoldenContext& context) {
    reject_lowest(a, "first");
    reject_lowest(b, "second");
    std::vector<Accumulator> products(a.mantissas().size());
    for_each_run(context, products.size(), kRun, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) products[i] = multiply(a.mantissas()[i], b.mantissas()[i]);
    });
    down_convert_sums(params, products, {a.exponent.value + b.exponent.value}, y, context);
}

void add(const AddParams& params, const HostTensor& a, const HostTensor& b, HostTensor& y, GoldenContext& context) {
    reject_lowest(a, "first");
    reject_lowest(b, "second");
    const RoundingParams& rounding = params.rounding;
    const RandomStream random = stream_of(context, Purpose::align, rounding);
    const int exponent = std::max(a.exponent.value, b.exponent.value);
    std::vector<Accumulator> sums(a.mantissas().size());
    for_each_run(context, sums.size(), kRun, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint32_t word = rounding.rounding == Rounding::stochastic ? random.word(i) : 0;
            const Accumulator left = align(a.mantissas()[i], exponent - a.exponent.value, rounding.rounding, word);
            const Accumulator right = align(b.mantissas()[i], exponent - b.exponent.value, rounding.rounding, word);
            sums[i] = {left.value + right.value};
            if (params.relu) sums[i].value = std::max(sums[i].value, 0);
        }
    });
    down_convert_sums(rounding, sums, {exponent}, y, context);
}

}  // namespace dfp16
