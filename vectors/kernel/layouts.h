// The layouts of dfp16_kernel.h: HostTensor <-> the bytes that a kernel sees.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "reference/interface/host_tensor.h"
#include "reference/interface/shape.h"

namespace dfp16::kernel {

/// How a tensor lies in memory.
struct Form {
    std::int32_t layout = 0;  ///< DFP16_PLAIN, ...
    ElementType type = ElementType::mantissa;
    Shape shape;
    std::array<std::int64_t, 4> stride{};  ///< of DFP16_PLAIN, in elements

    std::size_t element_bytes() const { return type == ElementType::mantissa ? 2 : 4; }
    /// Elements in memory, with padding.
    std::int64_t memory_elements() const;
    std::size_t bytes() const { return static_cast<std::size_t>(memory_elements()) * element_bytes(); }
    /// Whether some memory belongs to no element.
    bool padded() const { return memory_elements() != shape.elements(); }
};

/// Whether tensors of this rank can have the layout.
bool layout_fits(std::int32_t layout, std::size_t rank);

/// DFP16_PLAIN is row-major without gaps.
Form dense_form(std::int32_t layout, ElementType type, const Shape& shape);
/// The same with gaps between the rows of DFP16_PLAIN; rank 1 and other layouts stay as they are.
Form strided_form(std::int32_t layout, ElementType type, const Shape& shape);

/// Writes form.bytes() bytes. Memory of no element gets zeros; the gaps of DFP16_PLAIN get bytes of `gap`.
void pack(const HostTensor& tensor, const Form& form, unsigned char gap, void* bytes);
/// Fills a tensor of the form's type and shape. Memory of no element is not looked at.
void unpack(const void* bytes, const Form& form, HostTensor& tensor);

/// The logical coordinates of an element of memory; beyond the shape where it is padding.
std::array<std::int64_t, 4> coordinates(const Form& form, std::int64_t memory_index);
/// Whether an element of memory belongs to the tensor.
bool within_shape(const Form& form, std::int64_t memory_index);

}  // namespace dfp16::kernel
