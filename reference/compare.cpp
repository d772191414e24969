#include "reference/compare.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <variant>

namespace dfp16 {

namespace {

bool has_exponent(const HostTensor& tensor) {
    return tensor.type() == ElementType::mantissa || tensor.type() == ElementType::accumulator;
}

void compare_elements(const HostTensor& expected, const HostTensor& got, Difference& difference) {
    const bool equal = std::visit(
        [&got](const auto& elements) {
            const auto& others = std::get<std::decay_t<decltype(elements)>>(got.data);
            return std::memcmp(elements.data(), others.data(), elements.size() * sizeof elements[0]) == 0;
        },
        expected.data);
    if (equal) return;
    for (std::int64_t i = 0; i < expected.elements(); ++i) {
        const int bits = std::popcount(expected.bits(i) ^ got.bits(i));
        if (bits == 0) continue;
        if (difference.first_index < 0) difference.first_index = i;
        ++difference.differing_elements;
        difference.differing_bits += bits;
    }
}

// "0x0102 (258)"; FP32 in the shortest decimal that gives the same bits.
std::string element_text(const HostTensor& tensor, std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    switch (tensor.type()) {
        case ElementType::mantissa:
            return fmt::format("0x{:04x} ({})", tensor.bits(index), tensor.mantissas()[i].value);
        case ElementType::accumulator:
            return fmt::format("0x{:08x} ({})", tensor.bits(index), tensor.accumulators()[i].value);
        case ElementType::fp32: return fmt::format("0x{:08x} ({})", tensor.bits(index), tensor.fp32()[i]);
        case ElementType::label: return fmt::format("0x{:08x} ({})", tensor.bits(index), tensor.labels()[i].value);
    }
    return "?";
}

}  // namespace

std::optional<Difference> compare(const HostTensor& expected, const HostTensor& got) {
    Difference difference;
    if (expected.type() != got.type() || expected.shape != got.shape) {
        difference.layout_differs = true;
        difference.differing_elements = expected.elements();
        difference.differing_bits = expected.elements() * expected.element_bits();
        return difference;
    }
    if (has_exponent(expected) && expected.exponent != got.exponent) {
        difference.exponent_differs = true;
        difference.differing_bits += std::popcount(static_cast<std::uint32_t>(expected.exponent.value) ^
                                                   static_cast<std::uint32_t>(got.exponent.value));
    }
    compare_elements(expected, got, difference);
    if (difference.differing_bits == 0) return std::nullopt;
    return difference;
}

std::string describe(const std::string& tensor, const std::string& axes, const HostTensor& expected,
                     const HostTensor& got, const Difference& difference) {
    if (difference.layout_differs) {
        return fmt::format("{}: expected {} {}, got {} {}", tensor, name_of(expected.type()), expected.shape.text(),
                           name_of(got.type()), got.shape.text());
    }
    std::string text = tensor;
    const std::int64_t index = difference.first_index;
    if (index >= 0) {
        const std::string prefix = axes.empty() ? "" : "(" + axes + ")=";
        text += fmt::format(" at {}{}: expected {}, got {}", prefix, expected.shape.coordinates(index),
                            element_text(expected, index), element_text(got, index));
    }
    if (difference.exponent_differs) {
        text += fmt::format("{} expected exponent {}, got exponent {}", index >= 0 ? ";" : ":", expected.exponent.value,
                            got.exponent.value);
    } else if (has_exponent(expected)) {
        text += fmt::format("; exponent {} in both", expected.exponent.value);
    }
    return text + fmt::format("; {} of {} elements differ", difference.differing_elements, expected.elements());
}

}  // namespace dfp16
