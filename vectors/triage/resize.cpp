#include "vectors/triage/resize.h"

#include <algorithm>

#include "sim/types/error.h"
#include "vectors/operands.h"

namespace dfp16::triage {

namespace {

/// Where element `index` of the new shape lies in the old one; nothing where it is beyond it.
std::optional<std::size_t> source_index(const Shape& before, const Shape& after, Keep keep, std::int64_t index) {
    std::int64_t source = 0, step = 1;
    for (std::size_t axis = after.rank(); axis-- > 0;) {
        const std::int64_t origin = keep == Keep::first ? 0 : before[axis] - after[axis];
        const std::int64_t at = index % after[axis] + origin;
        if (at < 0 || at >= before[axis]) return std::nullopt;
        source += at * step;
        index /= after[axis];
        step *= before[axis];
    }
    return static_cast<std::size_t>(source);
}

std::optional<HostTensor> cropped(const HostTensor& from, const Operand& to, Keep keep) {
    HostTensor result(to.type, to.shape);
    result.exponent = from.exponent;
    if (from.type() != to.type) return std::nullopt;
    if (from.shape.rank() != to.shape.rank()) {  // the same elements in fewer dimensions
        if (from.elements() != to.shape.elements()) return std::nullopt;
        result.data = from.data;
        return result;
    }
    std::visit(
        [&](auto& elements) {
            const auto& others = std::get<std::decay_t<decltype(elements)>>(from.data);
            for (std::size_t i = 0; i < elements.size(); ++i) {
                const auto source = source_index(from.shape, to.shape, keep, static_cast<std::int64_t>(i));
                if (source) elements[i] = others[*source];
            }
        },
        result.data);
    return result;
}

/// The input of `from` that has this name.
const HostTensor* input_named(const Case& from, const Operands& operands, const std::string& name) {
    for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
        if (operands.inputs[i].name == name) return &from.inputs[i];
    }
    return nullptr;
}

/// Labels stay within the classes that are left.
void fit_labels(Case& made, const Case& from, Keep keep) {
    for (HostTensor& input : made.inputs) {
        if (input.type() != ElementType::label) continue;
        const std::int64_t classes = made.extent[1];
        const std::int64_t gone = keep == Keep::first ? 0 : from.extent[1] - classes;
        for (Label& label : input.labels()) {
            label.value = static_cast<std::int32_t>(std::clamp<std::int64_t>(label.value - gone, 0, classes - 1));
        }
    }
}

}  // namespace

std::optional<Case> resized(const Case& from, const CaseHeader& header, Keep keep) {
    Case made;
    static_cast<CaseHeader&>(made) = header;
    try {
        const Operands before = operands_of(from);
        for (const Operand& operand : operands_of(header).inputs) {
            const HostTensor* source = input_named(from, before, operand.name);
            if (source == nullptr) return std::nullopt;
            auto input = cropped(*source, operand, keep);
            if (!input) return std::nullopt;
            made.inputs.push_back(std::move(*input));
        }
    } catch (const InputError&) {
        return std::nullopt;
    }
    fit_labels(made, from, keep);
    return made;
}

std::int64_t elements_of(const Case& any) {
    const Operands operands = operands_of(any);
    std::int64_t elements = 0;
    for (const Operand& operand : operands.inputs) elements += operand.shape.elements();
    for (const Operand& operand : operands.outputs) elements += operand.shape.elements();
    return elements;
}

}  // namespace dfp16::triage
