#include "vectors/stream/stream_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>
#include <type_traits>

#include "sim/types/error.h"
#include "vectors/digest.h"
#include "vectors/params_json.h"
#include "vectors/stream/hex.h"
#include "vectors/stream/text_source.h"

namespace dfp16 {

namespace {

void put(const TextSink& sink, const std::string& text) {
    sink(text.data(), text.size());
}

template <typename T>
void put_elements(const TextSink& sink, const std::vector<T>& elements) {
    using Bits = std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint32_t>;
    constexpr std::size_t kBlock = 8192;
    std::array<char, kBlock*(1 + 2 * sizeof(T))> text;
    for (std::size_t first = 0; first < elements.size(); first += kBlock) {
        const std::size_t end = std::min(elements.size(), first + kBlock);
        char* out = text.data();
        for (std::size_t i = first; i < end; ++i) {
            *out++ = ' ';
            out = hex::write(out, std::bit_cast<Bits>(elements[i]));
        }
        sink(text.data(), static_cast<std::size_t>(out - text.data()));
    }
}

void put_tensor(const TextSink& sink, const char* word, const Operand& operand, const HostTensor& tensor) {
    put(sink, fmt::format("{} {} {} {} {}", word, operand.name, name_of(operand.type), operand.shape.text(),
                          operand.scaled ? tensor.exponent.value : 0));
    std::visit([&](const auto& elements) { put_elements(sink, elements); }, tensor.data);
    put(sink, "\n");
}

/// As the end of a line; what would not come back as it was is rejected.
std::string name_in_line(const std::string& name) {
    if (name.empty()) return "-";
    const auto plain = [](char c) { return c != '\n' && c != '\r' && c != '\t'; };
    if (!std::all_of(name.begin(), name.end(), plain) || name.front() == ' ' || name.back() == ' ' || name == "-") {
        throw InputError("case name " + shown(name) + ", expected one that a line of text can hold");
    }
    return name;
}

}  // namespace

TextSink sink_of(std::FILE* file, const char* name) {
    return [file, name](const char* text, std::size_t size) {
        if (std::fwrite(text, 1, size, file) != size) {
            throw InputError(std::string("cannot write to ") + name + ": " + std::strerror(errno));
        }
    };
}

void write_stream_header(const FileHeader& header, const TextSink& sink) {
    put(sink, fmt::format("dfp16-stream {} contract {} suite {} level {} seed {} generator {}\n", kStreamVersion,
                          header.contract, header.suite, header.level, header.seed, header.generator));
}

void write_stream_case(std::int64_t number, const Case& written, const TextSink& sink) {
    const Operands operands = operands_of(written);
    const std::string params = params_to_json(written);
    const std::string digest = digest_of_inputs(written, params);
    put(sink, fmt::format("case {} {} {}\nparams {}\ndigest {}\n", number, name_of(written.op),
                          name_in_line(written.name), params, digest));
    for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
        put_tensor(sink, "in", operands.inputs[i], written.inputs[i]);
    }
    for (std::size_t i = 0; i < operands.outputs.size(); ++i) {
        const Operand& output = operands.outputs[i];
        if (!written.outputs.empty()) {
            put_tensor(sink, "out", output, written.outputs[i]);
        } else {
            put(sink, fmt::format("want {} {} {}\n", output.name, name_of(output.type), output.shape.text()));
        }
    }
    put(sink, "end\n");
}

void write_stream_end(std::int64_t cases, const TextSink& sink) {
    put(sink, fmt::format("done {}\n", cases));
}

}  // namespace dfp16
