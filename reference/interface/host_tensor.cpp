#include "reference/interface/host_tensor.h"

#include <cstring>

namespace dfp16 {

const char* name_of(ElementType type) {
    switch (type) {
        case ElementType::mantissa: return "int16";
        case ElementType::accumulator: return "int32";
        case ElementType::fp32: return "fp32";
        case ElementType::label: return "label";
    }
    return "?";
}

HostTensor::HostTensor(ElementType type, const Shape& tensor_shape) : shape(tensor_shape) {
    const auto count = static_cast<std::size_t>(tensor_shape.elements());
    switch (type) {
        case ElementType::mantissa: data = std::vector<Mantissa>(count); break;
        case ElementType::accumulator: data = std::vector<Accumulator>(count); break;
        case ElementType::fp32: data = std::vector<float>(count); break;
        case ElementType::label: data = std::vector<Label>(count); break;
    }
}

std::uint32_t HostTensor::bits(std::int64_t index) const {
    return std::visit(
        [index](const auto& elements) {
            std::uint32_t bits = 0;
            std::memcpy(&bits, &elements[static_cast<std::size_t>(index)], sizeof elements[0]);
            return bits;
        },
        data);
}

void HostTensor::flip_bit(std::int64_t index, int bit) {
    std::visit(
        [index, bit](auto& elements) {
            void* element = &elements[static_cast<std::size_t>(index)];
            std::uint32_t bits = 0;
            std::memcpy(&bits, element, sizeof elements[0]);
            bits ^= std::uint32_t{1} << bit;
            std::memcpy(element, &bits, sizeof elements[0]);
        },
        data);
}

}  // namespace dfp16
