// A tensor in logical (row-major) order, as backends take and give it.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "reference/interface/shape.h"
#include "sim/types/accumulator.h"
#include "sim/types/exponent.h"
#include "sim/types/label.h"
#include "sim/types/mantissa.h"

namespace dfp16 {

enum class ElementType { mantissa, accumulator, fp32, label };

/// "int16", "int32", "fp32" or "label".
const char* name_of(ElementType type);

/// Elements in row-major order of the logical shape. `exponent` counts for mantissas, and for accumulators as the scale
/// of the integers; it is 0 elsewhere.
struct HostTensor {
    Shape shape;
    Exponent exponent{};
    std::variant<std::vector<Mantissa>, std::vector<Accumulator>, std::vector<float>, std::vector<Label>> data;

    HostTensor() = default;
    /// Zeros.
    HostTensor(ElementType type, const Shape& tensor_shape);

    ElementType type() const { return static_cast<ElementType>(data.index()); }
    std::int64_t elements() const { return shape.elements(); }
    /// Bits of one element: 16 or 32.
    int element_bits() const { return type() == ElementType::mantissa ? 16 : 32; }

    std::vector<Mantissa>& mantissas() { return std::get<std::vector<Mantissa>>(data); }
    const std::vector<Mantissa>& mantissas() const { return std::get<std::vector<Mantissa>>(data); }
    std::vector<Accumulator>& accumulators() { return std::get<std::vector<Accumulator>>(data); }
    const std::vector<Accumulator>& accumulators() const { return std::get<std::vector<Accumulator>>(data); }
    std::vector<float>& fp32() { return std::get<std::vector<float>>(data); }
    const std::vector<float>& fp32() const { return std::get<std::vector<float>>(data); }
    std::vector<Label>& labels() { return std::get<std::vector<Label>>(data); }
    const std::vector<Label>& labels() const { return std::get<std::vector<Label>>(data); }

    /// The bits of element `index`, zero-extended: for comparison and display.
    std::uint32_t bits(std::int64_t index) const;
    /// Flips one bit of element `index`.
    void flip_bit(std::int64_t index, int bit);
};

}  // namespace dfp16
