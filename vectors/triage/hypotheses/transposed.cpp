#include <array>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/tensor_axes.h"

namespace dfp16 {

namespace {

constexpr const char* kClass = "transposed layout";

/// "h and w"
std::string names_of(const Operand& operand, std::size_t a, std::size_t b) {
    std::vector<std::string> names(1);
    for (const char c : operand.axes) {
        if (c == ',') {
            names.emplace_back();
        } else {
            names.back() += c;
        }
    }
    names.resize(operand.shape.rank());
    return names[a] + " and " + names[b];
}

/// Memory in the order N, H, W, C read as N, C, H, W.
HostTensor channels_last_as_planes(const HostTensor& tensor) {
    const Shape& s = tensor.shape;
    return rearranged(tensor, [&](std::int64_t i) {
        const std::int64_t w = i % s[3];
        const std::int64_t h = i / s[3] % s[2];
        const std::int64_t c = i / (s[3] * s[2]) % s[1];
        return ((i / (s[1] * s[2] * s[3]) * s[2] + h) * s[3] + w) * s[1] + c;
    });
}

void add_inputs(Candidates& candidates, std::size_t i, const Operand& operand) {
    const HostTensor& tensor = candidates.failed().inputs[i];
    const auto add = [&](const char* class_name, const std::string& words, const HostTensor& value) {
        Case changed = candidates.failed();
        changed.inputs[i] = value;
        candidates.add_run(class_name, words, changed);
    };
    for (std::size_t a = 0; a < tensor.shape.rank(); ++a) {
        for (std::size_t b = a + 1; b < tensor.shape.rank(); ++b) {
            if (tensor.shape[a] != tensor.shape[b] || tensor.shape[a] == 1) continue;
            add(kClass, operand.name + ": " + names_of(operand, a, b) + " are exchanged",
                with_axes_exchanged(tensor, a, b));
        }
    }
    if (tensor.shape.rank() != 4) return;
    add(kClass, operand.name + ": channels last, read as planes", channels_last_as_planes(tensor));
    if (operand.name == "w") add("flipped filter", "w is turned by 180 degrees", reversed(reversed(tensor, 2), 3));
}

void add_outputs(Candidates& candidates, const Operands& operands) {
    const HostTensor& expected = candidates.expected()[0];
    if (candidates.expected().size() != 1) return;
    for (std::size_t a = 0; a < expected.shape.rank(); ++a) {
        for (std::size_t b = a + 1; b < expected.shape.rank(); ++b) {
            if (expected.shape[a] != expected.shape[b] || expected.shape[a] == 1) continue;
            const Operand& operand = operands.outputs[0];
            candidates.add(kClass, operand.name + ": " + names_of(operand, a, b) + " are exchanged",
                           {with_axes_exchanged(expected, a, b)});
        }
    }
    if (expected.shape.rank() != 4) return;
    candidates.add(kClass, operands.outputs[0].name + ": planes, written as channels last",
                   {channels_last_as_planes(expected)});
}

}  // namespace

void transposed(Candidates& candidates) {
    const Operands operands = operands_of(candidates.failed());
    for (std::size_t i = 0; i < operands.inputs.size(); ++i) add_inputs(candidates, i, operands.inputs[i]);
    add_outputs(candidates, operands);
}

}  // namespace dfp16
