#include "vectors/export/npy.h"

#include <bit>

namespace dfp16::npy {

static_assert(std::endian::native == std::endian::little, "elements are written as they lie in memory");

std::string header(const std::string& type, const std::vector<std::int64_t>& sizes) {
    constexpr std::size_t kBefore = 10;  // magic, version, length
    constexpr std::size_t kAlignment = 64;
    std::string shape;
    for (const std::int64_t size : sizes) shape += (shape.empty() ? "" : " ") + std::to_string(size) + ",";
    std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    text.append(kAlignment - 1 - (kBefore + text.size()) % kAlignment, ' ');
    text += '\n';
    std::string result("\x93NUMPY\x01\x00", 8);
    result += static_cast<char>(text.size() & 0xff);
    result += static_cast<char>(text.size() >> 8);
    return result + text;
}

std::string header(const ExportTensor& tensor) {
    const ElementType type = tensor.operand.type;
    const char* name = type == ElementType::mantissa ? "<i2" : type == ElementType::fp32 ? "<f4" : "<i4";
    return header(name, tensor.layout.sizes());
}

Bytes bytes_of(const ExportTensor& tensor) {
    return std::visit(
        [](const auto& elements) {
            return Bytes{elements.data(), elements.size() * sizeof elements[0]};
        },
        tensor.data);
}

}  // namespace dfp16::npy
