#include "vectors/triage/memory_order.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace dfp16::triage {

namespace {

/// For each logical index, its place in memory of that order.
std::vector<std::size_t> places(const Shape& shape, const Axes& axes) {
    const std::size_t rank = shape.rank();
    std::array<std::int64_t, 4> steps{};
    std::int64_t step = 1;
    for (std::size_t i = rank; i-- > 0;) {
        steps[axes[i]] = step;
        step *= shape[axes[i]];
    }
    std::vector<std::size_t> result(static_cast<std::size_t>(shape.elements()));
    for (std::size_t index = 0; index < result.size(); ++index) {
        auto rest = static_cast<std::int64_t>(index);
        std::int64_t place = 0;
        for (std::size_t axis = rank; axis-- > 0;) {
            place += rest % shape[axis] * steps[axis];
            rest /= shape[axis];
        }
        result[index] = static_cast<std::size_t>(place);
    }
    return result;
}

/// "n,h,w,c"
std::string order_text(const std::string& names, const Axes& axes, std::size_t rank) {
    std::string text;
    for (std::size_t i = 0; i < rank; ++i) {
        text += i == 0 ? "" : ",";
        text += 2 * axes[i] < names.size() ? names.substr(2 * axes[i], 1) : std::to_string(axes[i]);
    }
    return text;
}

}  // namespace

void offer_input_order(const Evidence& evidence, Trial& trial, std::size_t input, const Axes& axes) {
    Case changed = evidence.inputs;
    const Operand& operand = evidence.operands.inputs[input];
    const std::vector<std::size_t> from = places(operand.shape, axes);
    std::visit(
        [&](auto& elements) {
            const auto memory = elements;
            for (std::size_t i = 0; i < from.size(); ++i) elements[i] = memory[from[i]];
        },
        changed.inputs[input].data);
    trial.offer_golden(operand.name + " read as " + order_text(operand.axes, axes, operand.shape.rank()) +
                           " in memory instead of " + operand.axes,
                       changed);
}

void offer_output_order(const Evidence& evidence, Trial& trial, const Axes& axes) {
    std::vector<HostTensor> outputs = evidence.expected;
    const Operand& operand = evidence.first_operand();
    const std::vector<std::size_t> to = places(operand.shape, axes);
    std::visit(
        [&](auto& elements) {
            const auto logical = elements;
            for (std::size_t i = 0; i < to.size(); ++i) elements[to[i]] = logical[i];
        },
        outputs[evidence.output].data);
    trial.offer(operand.name + " written as " + order_text(operand.axes, axes, operand.shape.rank()) +
                    " in memory instead of " + operand.axes,
                outputs);
}

}  // namespace dfp16::triage
