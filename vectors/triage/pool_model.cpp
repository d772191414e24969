#include "vectors/triage/pool_model.h"

#include <algorithm>
#include <vector>

#include "sim/accumulate.h"
#include "sim/down_convert.h"
#include "sim/types/error.h"
#include "vectors/operands.h"

namespace dfp16::triage {

namespace {

struct Window {
    std::vector<std::size_t> elements;  ///< of x, r then s
    bool meets_padding = false;
    std::int64_t positions = 0;  ///< within the padded plane
};

Window window_of(const PoolParams& pool, const Geometry& g, std::int64_t output) {
    const std::int64_t q = output % pool.Q, p = output / pool.Q % pool.P, plane = output / (pool.Q * pool.P);
    Window window;
    for (std::int64_t r = 0; r < pool.R; ++r) {
        for (std::int64_t s = 0; s < pool.S; ++s) {
            std::int64_t i = p * g.stride[0] - g.pad[0] + r;
            std::int64_t j = q * g.stride[1] - g.pad[1] + s;
            window.positions += i < pool.H + g.pad[0] && j < pool.W + g.pad[1] ? 1 : 0;
            const bool outside = i < 0 || i >= pool.H || j < 0 || j >= pool.W;
            if (outside && !g.replicate) {
                window.meets_padding = true;
                continue;
            }
            i = std::clamp<std::int64_t>(i, 0, pool.H - 1);
            j = std::clamp<std::int64_t>(j, 0, pool.W - 1);
            window.elements.push_back(static_cast<std::size_t>((plane * pool.H + i) * pool.W + j));
        }
    }
    return window;
}

/// The places that hold a window's maximum; empty where a zero beats them all.
std::vector<std::size_t> winners(const Window& window, const HostTensor& x, const PoolModel& model) {
    const auto value = [&](std::size_t i) { return x.mantissas()[i].value; };
    std::int16_t largest = value(window.elements[0]);
    for (const std::size_t i : window.elements) largest = std::max(largest, value(i));
    const bool zero = model.from_zero || (model.zeros_compete && window.meets_padding);
    std::vector<std::size_t> places;
    if (zero && largest < 0) return places;
    for (const std::size_t i : window.elements) {
        if (value(i) == largest) places.push_back(i);
    }
    if (model.all_win) return places;
    return {model.last_wins ? places.back() : places.front()};
}

float average(const Window& window, const HostTensor& x, const PoolParams& pool, const PoolModel& model) {
    std::int64_t sum = 0;
    for (const std::size_t i : window.elements) sum += x.mantissas()[i].value;
    const std::int64_t divisor = model.divides_by_existing ? static_cast<std::int64_t>(window.elements.size())
                                 : model.divides_by_window ? pool.R * pool.S
                                                           : window.positions;
    return scale_exact(sum, x.exponent.value) / static_cast<float>(divisor);
}

HostTensor gradient(const Case& inputs, const PoolParams& pool, const PoolModel& model) {
    const HostTensor& x = inputs.inputs[0];
    const HostTensor& dy = inputs.inputs[1];
    std::vector<Accumulator> sums(x.mantissas().size());
    for (std::int64_t y = 0; y < dy.elements(); ++y) {
        const Window window = window_of(pool, model.geometry, y);
        if (window.elements.empty()) throw InputError("empty window");
        const std::int16_t value = dy.mantissas()[static_cast<std::size_t>(y)].value;
        for (const std::size_t i : winners(window, x, model)) sums[i].value += value;
    }
    HostTensor dx(ElementType::mantissa, x.shape);
    const RoundingParams& rounding = pool.rounding;
    dx.exponent = down_convert(sums, dy.exponent, rounding.headroom, rounding.rounding,
                               {inputs.context.seed, inputs.context.step, Purpose::down_convert, rounding.tensor},
                               dx.mantissas());
    return dx;
}

HostTensor forward(const Case& inputs, const PoolParams& pool, const PoolModel& model) {
    const HostTensor& x = inputs.inputs[0];
    const Operand operand = operands_of(inputs).outputs[0];
    HostTensor y(operand.type, operand.shape);
    if (inputs.op == OpKind::max_pool_forward) y.exponent = x.exponent;
    for (std::int64_t index = 0; index < y.elements(); ++index) {
        const auto i = static_cast<std::size_t>(index);
        const Window window = window_of(pool, model.geometry, index);
        const bool averages = inputs.op == OpKind::average_pool_forward;
        const bool empty_counts = averages && !model.divides_by_existing;  // as zero
        if (window.elements.empty() && !empty_counts) throw InputError("empty window");
        if (averages) {
            y.fp32()[i] = average(window, x, pool, model);
            continue;
        }
        const std::vector<std::size_t> places = winners(window, x, model);
        y.mantissas()[i] = places.empty() ? Mantissa{0} : x.mantissas()[places[0]];
    }
    return y;
}

}  // namespace

std::optional<HostTensor> output_under(const Case& inputs, const PoolModel& model) {
    const auto& pool = std::get<PoolParams>(inputs.params);
    try {
        return inputs.op == OpKind::max_pool_backward ? gradient(inputs, pool, model) : forward(inputs, pool, model);
    } catch (const InputError&) {
        return std::nullopt;
    }
}

}  // namespace dfp16::triage
