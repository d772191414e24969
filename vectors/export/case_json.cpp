#include "vectors/export/case_json.h"

#include <fmt/format.h>

#include <bit>
#include <boost/json.hpp>
#include <cmath>
#include <iterator>

namespace dfp16 {

namespace {

using Buffer = fmt::memory_buffer;

template <typename... Arguments>
void put(Buffer& text, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
}

std::string quoted(const std::string& text) {
    return boost::json::serialize(boost::json::string(text));
}

/// "-0" would be read as the integer 0.
void put_element(Buffer& text, float value) {
    if (value == 0.0f && std::signbit(value)) {
        put(text, "-0.0");
    } else if (std::isfinite(value)) {
        put(text, "{}", static_cast<double>(value));
    } else {
        put(text, "\"{:08x}\"", std::bit_cast<std::uint32_t>(value));
    }
}
template <typename Integer>
void put_element(Buffer& text, Integer element) {
    put(text, "{}", element.value);
}

void put_data(Buffer& text, const ExportTensor& tensor) {
    put(text, ",\"data\":[");
    std::visit(
        [&](const auto& elements) {
            for (std::size_t i = 0; i < elements.size(); ++i) {
                if (i > 0) text.push_back(',');
                put_element(text, elements[i]);
            }
        },
        tensor.data);
    text.push_back(']');
}

void put_tensors(Buffer& text, const char* group, const std::vector<ExportTensor>& tensors, bool data) {
    put(text, ",\"{}\":{{", group);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const ExportTensor& tensor = tensors[i];
        const Shape& shape = tensor.operand.shape;
        std::string sizes;
        for (std::size_t d = 0; d < shape.rank(); ++d) sizes += (d > 0 ? "," : "") + std::to_string(shape[d]);
        put(text, "{}\"{}\":{{\"type\":\"{}\",\"shape\":[{}]", i > 0 ? "," : "", tensor.operand.name,
            name_of(tensor.operand.type), sizes);
        if (tensor.operand.scaled) put(text, ",\"exponent\":{}", tensor.exponent);
        if (!tensor.layout.text().empty()) {
            put(text, ",\"layout\":\"{}\",\"sizes\":[{}]", tensor.layout.text(), fmt::join(tensor.layout.sizes(), ","));
        }
        if (data) put_data(text, tensor);
        text.push_back('}');
    }
    text.push_back('}');
}

}  // namespace

std::string case_json(const ExportCase& exported, bool data) {
    Buffer text;
    put(text, "{{\"case\":{},\"op\":\"{}\",\"name\":{},\"params\":{}", exported.number, name_of(exported.header.op),
        quoted(exported.header.name), exported.params);
    put_tensors(text, "inputs", exported.inputs, data);
    put_tensors(text, "outputs", exported.outputs, data);
    text.push_back('}');
    return fmt::to_string(text);
}

}  // namespace dfp16
