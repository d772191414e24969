#include <fmt/format.h>

#include <bit>
#include <boost/json.hpp>
#include <cctype>
#include <filesystem>
#include <limits>

#include "reference/files/output_file.h"
#include "vectors/export/export.h"

namespace dfp16 {

namespace json = boost::json;

namespace {

constexpr const char* kTypes = R"(#ifndef DFP16_VECTOR_TYPES
#define DFP16_VECTOR_TYPES
#include <stdint.h>
struct dfp16_tensor {
    const char *name;    /* "x" */
    const char *type;    /* "int16": int16_t; "int32", "label": int32_t; "fp32": uint32_t, the bits of a float */
    const char *layout;  /* "NCHW16c"; "": row-major in the logical order */
    int scaled;          /* has an exponent: values are integers * 2^exponent */
    int exponent;
    int rank;
    int64_t shape[4];  /* logical, outermost first */
    int64_t elements;  /* of data, with the padding of its layout */
    const void *data;
};
struct dfp16_case {
    int number;
    const char *op;
    const char *name;
    const char *params;  /* JSON */
    int inputs, outputs;
    const struct dfp16_tensor *input, *output;
};
#endif

)";

/// As a string of C; octal where C or its trigraphs would read something else.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '?';
        result += plain ? std::string(1, c) : fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    }
    return result + "\"";
}

std::string element_text(float value) {
    return fmt::format("0x{:08x}", std::bit_cast<std::uint32_t>(value));
}
std::string element_text(Mantissa element) {
    return fmt::format("{}", element.value);
}
/// -2147483648 is no constant of C, but an expression of a constant that int does not hold.
template <typename Int32>
std::string element_text(Int32 element) {
    if (element.value == std::numeric_limits<std::int32_t>::min()) return "-2147483647 - 1";
    return fmt::format("{}", element.value);
}

const char* c_type(ElementType type) {
    return type == ElementType::mantissa ? "int16_t" : type == ElementType::fp32 ? "uint32_t" : "int32_t";
}

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

/// "conv_l1" for "out/conv-l1.h".
std::string prefix_of(const std::string& path) {
    std::string prefix = std::filesystem::path(path).stem().string();
    for (char& c : prefix) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return prefix.empty() || std::isdigit(static_cast<unsigned char>(prefix[0])) ? "vectors_" + prefix : prefix;
}

class CExporter : public Exporter {
public:
    CExporter(const std::string& path, const FileHeader& header) : output_(path), prefix_(prefix_of(path)) {
        put(fmt::format("/* Golden vectors: suite {}, level {}, seed {}, contract {}. */\n", in_comment(header.suite),
                        header.level, header.seed, header.contract));
        put(fmt::format("#ifndef DFP16_{0}_H\n#define DFP16_{0}_H\n\n", upper(prefix_)));
        put(kTypes);
    }

    void add(const ExportCase& exported) override {
        const std::string name = prefix_ + "_" + case_group_name(exported.number);
        put_params(upper(name), json::parse(exported.params));
        for (const ExportTensor& tensor : exported.inputs) put_array(name + "_in_" + tensor.operand.name, tensor);
        for (const ExportTensor& tensor : exported.outputs) put_array(name + "_out_" + tensor.operand.name, tensor);
        put_table(name, "in", exported.inputs);
        put_table(name, "out", exported.outputs);
        put("\n");
        table_ += fmt::format("    {{{}, {}, {}, {}, {}, {}, {}_in, {}_out}},\n", exported.number,
                              quoted(name_of(exported.header.op)), quoted(exported.header.name),
                              quoted(exported.params), exported.inputs.size(), exported.outputs.size(), name, name);
        ++cases_;
    }

    void commit() override {
        put(fmt::format("#define {}_CASES {}\n", upper(prefix_), cases_));
        put(fmt::format("static const struct dfp16_case {}_cases[{}] = {{\n{}}};\n\n#endif\n", prefix_, cases_,
                        table_));
        output_.commit();
    }

private:
    void put(const std::string& text) { output_.write(text.data(), text.size()); }

    static std::string in_comment(const std::string& text) {
        std::string result;
        for (const char c : text)
            result += std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ? c : '?';
        return result;
    }

    void put_params(const std::string& name, const json::value& value) {
        if (const json::object* object = value.if_object()) {
            for (const auto& [key, member] : *object) put_params(name + "_" + upper(std::string(key)), member);
        } else if (const json::array* array = value.if_array()) {
            for (std::size_t i = 0; i < array->size(); ++i) put_params(name + "_" + std::to_string(i), (*array)[i]);
        } else if (const json::string* text = value.if_string()) {
            put(fmt::format("#define {} {}\n", name, quoted(std::string(text->begin(), text->end()))));
        } else if (const bool* truth = value.if_bool()) {
            put(fmt::format("#define {} {}\n", name, *truth ? 1 : 0));
        } else {
            put(fmt::format("#define {} {}{}\n", name, json::serialize(value), value.is_uint64() ? "u" : ""));
        }
    }

    void put_array(const std::string& name, const ExportTensor& tensor) {
        constexpr std::size_t kALine = 16;
        constexpr std::size_t kBlock = std::size_t{1} << 16;
        std::string text =
            fmt::format("static const {} {}[{}] = {{", c_type(tensor.operand.type), name, tensor.layout.elements());
        std::visit(
            [&](const auto& elements) {
                for (std::size_t i = 0; i < elements.size(); ++i) {
                    text += (i % kALine == 0 ? "\n    " : " ") + element_text(elements[i]) + ",";
                    if (text.size() < kBlock) continue;
                    put(text);
                    text.clear();
                }
            },
            tensor.data);
        put(text + "\n};\n");
    }

    void put_table(const std::string& name, const char* group, const std::vector<ExportTensor>& tensors) {
        std::string text =
            fmt::format("static const struct dfp16_tensor {}_{}[{}] = {{\n", name, group, tensors.size());
        for (const ExportTensor& tensor : tensors) {
            const Shape& shape = tensor.operand.shape;
            std::string sizes;
            for (std::size_t d = 0; d < 4; ++d) {
                sizes += (d > 0 ? ", " : "") + std::to_string(d < shape.rank() ? shape[d] : 1);
            }
            text += fmt::format("    {{{}, {}, {}, {}, {}, {}, {{{}}}, {}, {}_{}_{}}},\n", quoted(tensor.operand.name),
                                quoted(name_of(tensor.operand.type)), quoted(tensor.layout.text()),
                                tensor.operand.scaled ? 1 : 0, tensor.exponent, shape.rank(), sizes,
                                tensor.layout.elements(), name, group, tensor.operand.name);
        }
        put(text + "};\n");
    }

    OutputFile output_;
    std::string prefix_;
    std::string table_;
    std::int64_t cases_ = 0;
};

}  // namespace

std::unique_ptr<Exporter> make_c_exporter(const std::string& path, const FileHeader& header) {
    return std::make_unique<CExporter>(path, header);
}

}  // namespace dfp16
