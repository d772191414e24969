#include "vectors/triage/dfp_model.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "reference/ops/window.h"
#include "sim/mantissa_limit.h"
#include "sim/quantize.h"
#include "sim/round.h"
#include "sim/types/exponent.h"
#include "vectors/operands.h"

namespace dfp16::triage {

namespace {

template <typename Params>
auto& rounding_in(Params& params) {
    if (auto* add = std::get_if<AddParams>(&params)) return add->rounding;
    if (auto* pool = std::get_if<PoolParams>(&params)) return pool->rounding;
    if (auto* concat = std::get_if<ConcatParams>(&params)) return concat->rounding;
    return std::get<RoundingParams>(params);
}

using Integers = std::vector<std::int64_t>;

/// Integers of one exponent, as down-convert does it.
UnroundedTensor for_down_convert(const Integers& v, int exponent, int headroom, int offset) {
    std::int64_t largest = 0;
    for (const std::int64_t value : v) largest = std::max(largest, value < 0 ? -value : value);
    if (largest == 0) return {std::vector<Unrounded>(v.size()), kExponentMin};
    const int bits = std::bit_width(static_cast<std::uint64_t>(largest));
    const int shift = std::max({0, bits - (15 - headroom), kExponentMin - exponent}) + offset;
    UnroundedTensor result{{}, exponent + shift};
    for (const std::int64_t value : v) result.elements.push_back({value, shift});
    return result;
}

UnroundedTensor for_quantize(const HostTensor& x, int headroom, int offset) {
    float largest = 0.0f;
    for (const float value : x.fp32()) largest = std::max(largest, std::fabs(value));
    UnroundedTensor result{{}, exponent_for(largest, headroom).value + (largest == 0.0f ? 0 : offset)};
    for (const float value : x.fp32()) {
        int exponent = 0;
        const float fraction = std::frexp(value, &exponent);  // subnormals too: value = fraction * 2^exponent
        result.elements.push_back(
            {static_cast<std::int64_t>(std::ldexp(fraction, 24)), result.exponent - (exponent - 24)});
    }
    return result;
}

Integers products(const Case& inputs) {
    Integers v;
    for (std::size_t i = 0; i < inputs.inputs[0].mantissas().size(); ++i) {
        v.push_back(std::int64_t{inputs.inputs[0].mantissas()[i].value} * inputs.inputs[1].mantissas()[i].value);
    }
    return v;
}

Integers aligned_sums(const Case& inputs, const DfpModel& model, int exponent) {
    Integers v;
    for (std::size_t i = 0; i < inputs.inputs[0].mantissas().size(); ++i) {
        std::int64_t sum = 0;
        for (const HostTensor& operand : inputs.inputs) {
            const std::int64_t m = operand.mantissas()[i].value;
            const int shift = exponent - operand.exponent.value;
            const std::uint32_t word = model.word(Purpose::align, static_cast<std::int64_t>(i));
            sum += shift == 0 ? m : model.align(m, shift, word);
        }
        const bool relu = std::get<AddParams>(inputs.params).relu && !model.late_relu;
        v.push_back(relu ? std::max<std::int64_t>(sum, 0) : sum);
    }
    return v;
}

int largest_exponent(const std::vector<HostTensor>& tensors) {
    int exponent = tensors[0].exponent.value;
    for (const HostTensor& tensor : tensors) exponent = std::max(exponent, tensor.exponent.value);
    return exponent;
}

Integers pooled_gradients(const Case& inputs) {
    const auto& pool = std::get<PoolParams>(inputs.params);
    const auto& x = inputs.inputs[0].mantissas();
    const auto& dy = inputs.inputs[1].mantissas();
    constexpr auto kNone = static_cast<std::size_t>(-1);
    std::vector<std::size_t> largest(dy.size(), kNone);
    for (std::size_t plane = 0; plane < planes_of(pool); ++plane) {
        for_each_in_windows(pool, plane, [&](std::size_t from, std::size_t window) {
            if (largest[window] == kNone || x[from].value > x[largest[window]].value) largest[window] = from;
        });
    }
    Integers v(x.size());
    for (std::size_t i = 0; i < largest.size(); ++i) v[largest[i]] += dy[i].value;
    return v;
}

/// Every element of y from its part, whose mantissas move to the largest exponent.
UnroundedTensor for_concat(const Case& inputs) {
    const Shape& y = inputs.extent;
    UnroundedTensor result{{}, largest_exponent(inputs.inputs)};
    for (std::int64_t n = 0; n < y[0]; ++n) {
        for (const HostTensor& part : inputs.inputs) {
            const std::int64_t size = part.elements() / y[0];
            for (std::int64_t i = 0; i < size; ++i) {
                const std::int64_t m = part.mantissas()[static_cast<std::size_t>(n * size + i)].value;
                result.elements.push_back({m, result.exponent - part.exponent.value});
            }
        }
    }
    return result;
}

Integers integers_of(const std::vector<Accumulator>& accumulators) {
    Integers v;
    for (const Accumulator accumulator : accumulators) v.push_back(accumulator.value);
    return v;
}

}  // namespace

bool rounds_to_dfp(OpKind op) {
    switch (op) {
        case OpKind::quantize:
        case OpKind::multiply:
        case OpKind::add:
        case OpKind::down_convert:
        case OpKind::max_pool_backward:
        case OpKind::concat_forward: return true;
        default: return false;
    }
}

const RoundingParams& rounding_of(const OpParams& params) {
    return rounding_in(params);
}

RoundingParams& rounding_of(OpParams& params) {
    return rounding_in(params);
}

RoundShift contract_round(Rounding mode) {
    return [mode](std::int64_t v, int shift, std::uint32_t word) { return round_shift(v, shift, mode, word); };
}

DfpModel contract_model(const Case& inputs, const RoundingParams& rounding) {
    DfpModel model;
    model.align = model.convert = contract_round(rounding.rounding);
    model.word = [context = inputs.context, tensor = rounding.tensor](Purpose purpose, std::int64_t element) {
        return RandomStream{context.seed, context.step, purpose, tensor}.word(static_cast<std::uint64_t>(element));
    };
    return model;
}

UnroundedTensor unrounded(const Case& inputs, const DfpModel& model) {
    const int headroom = rounding_of(inputs.params).headroom;
    const int offset = model.exponent_offset;
    const auto& in = inputs.inputs;
    switch (inputs.op) {
        case OpKind::quantize: return for_quantize(in[0], headroom, offset);
        case OpKind::multiply:
            return for_down_convert(products(inputs), in[0].exponent.value + in[1].exponent.value, headroom, offset);
        case OpKind::add: {
            const int exponent = largest_exponent(in);
            return for_down_convert(aligned_sums(inputs, model, exponent), exponent, headroom, offset);
        }
        case OpKind::down_convert:
            return for_down_convert(integers_of(in[0].accumulators()), in[0].exponent.value, headroom, offset);
        case OpKind::max_pool_backward:
            return for_down_convert(pooled_gradients(inputs), in[1].exponent.value, headroom, offset);
        default: return for_concat(inputs);
    }
}

HostTensor output_under(const Case& inputs, const DfpModel& model) {
    const Operand operand = operands_of(inputs).outputs[0];
    HostTensor output(operand.type, operand.shape);
    const UnroundedTensor before = unrounded(inputs, model);
    output.exponent = {before.exponent};
    const bool concat = inputs.op == OpKind::concat_forward;
    const Purpose purpose = concat                          ? Purpose::align
                            : inputs.op == OpKind::quantize ? Purpose::quantize
                                                            : Purpose::down_convert;
    const std::int64_t limit = mantissa_limit(concat ? 0 : rounding_of(inputs.params).headroom);
    for (std::size_t i = 0; i < before.elements.size(); ++i) {
        const auto [v, shift] = before.elements[i];
        std::int64_t m = v;
        if (shift > 0)
            m = (concat ? model.align : model.convert)(v, shift, model.word(purpose, static_cast<std::int64_t>(i)));
        if (shift < 0) m = v * (std::int64_t{1} << std::min(-shift, 30));
        if (model.late_relu) m = std::max<std::int64_t>(m, 0);
        if (model.clamps && !concat) m = std::clamp(m, -limit, limit);
        output.mantissas()[i].value = static_cast<std::int16_t>(static_cast<std::uint16_t>(m));
    }
    return output;
}

}  // namespace dfp16::triage
