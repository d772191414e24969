// Golden cases in other formats: every bit is where the layout says, other programs read the files, and a file is there
// whole or not at all.
#include "vectors/export/export.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <bit>
#include <boost/json.hpp>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>

#include "tests/cli_helpers.h"
#include "vectors/export/layout.h"
#include "vectors/export/npy.h"
#include "vectors/export/zip_file.h"

namespace dfp16 {
namespace {

namespace json = boost::json;

using test::error_of;

bool works(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// Layouts.

Operand operand(const std::string& axes, const Shape& shape) {
    return {"x", axes, ElementType::mantissa, shape, true};
}

/// Elements 1, 2, 3, ... in logical order.
HostTensor counted(const Shape& shape) {
    HostTensor tensor(ElementType::mantissa, shape);
    std::int16_t next = 1;
    for (Mantissa& element : tensor.mantissas()) element.value = next++;
    return tensor;
}

using Sizes = std::vector<std::int64_t>;

/// `place` gives the coordinates in the array of the element at (a, b, c, d).
void expect_places(const std::string& text, const std::string& axes, const Shape& shape, const Sizes& sizes,
                   const std::function<Sizes(const Sizes&)>& place) {
    SCOPED_TRACE(text);
    const Layout layout(text, operand(axes, shape));
    ASSERT_EQ(layout.sizes(), sizes);
    const auto array = std::get<std::vector<Mantissa>>(layout.arrange(counted(shape)));
    ASSERT_EQ(static_cast<std::int64_t>(array.size()), layout.elements());
    std::vector<Mantissa> expected(array.size());  // zeros where nothing is placed
    Sizes at(shape.rank(), 0);
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        std::int64_t rest = i;
        for (std::size_t d = shape.rank(); d-- > 0; rest /= shape[d]) at[d] = rest % shape[d];
        const Sizes there = place(at);
        std::int64_t index = 0;
        for (std::size_t d = 0; d < sizes.size(); ++d) index = index * sizes[d] + there[d];
        expected[static_cast<std::size_t>(index)].value = static_cast<std::int16_t>(i + 1);
    }
    EXPECT_EQ(array, expected);
}

TEST(Layout, PutsElementsWhereItSays) {
    const Shape x{2, 19, 3, 5};
    expect_places("", "n,c,h,w", x, {2, 19, 3, 5}, [](const Sizes& i) { return i; });
    expect_places("NCHW", "n,c,h,w", x, {2, 19, 3, 5}, [](const Sizes& i) { return i; });
    expect_places("NHWC", "n,c,h,w", x, {2, 3, 5, 19}, [](const Sizes& i) { return Sizes{i[0], i[2], i[3], i[1]}; });
    expect_places("NCHW16c", "n,c,h,w", x, {2, 2, 3, 5, 16}, [](const Sizes& i) {
        return Sizes{i[0], i[1] / 16, i[2], i[3], i[1] % 16};
    });
    expect_places("NCHW32c", "n,c,h,w", x, {2, 1, 3, 5, 32}, [](const Sizes& i) {
        return Sizes{i[0], i[1] / 32, i[2], i[3], i[1] % 32};
    });
    expect_places("NCHW16c", "n,k,p,q", x, {2, 2, 3, 5, 16}, [](const Sizes& i) {
        return Sizes{i[0], i[1] / 16, i[2], i[3], i[1] % 16};
    });
    expect_places("NKPQ4q", "n,k,p,q", x, {2, 19, 3, 2, 4}, [](const Sizes& i) {
        return Sizes{i[0], i[1], i[2], i[3] / 4, i[3] % 4};
    });
    const Shape w{18, 33, 2, 3};
    expect_places("KRSC", "k,c,r,s", w, {18, 2, 3, 33}, [](const Sizes& i) { return Sizes{i[0], i[2], i[3], i[1]}; });
    expect_places("RSCK", "k,c,r,s", w, {2, 3, 33, 18}, [](const Sizes& i) { return Sizes{i[2], i[3], i[1], i[0]}; });
    for (const char* vnni : {"VNNI", "KCRS8c16k2c"}) {
        expect_places(vnni, "k,c,r,s", w, {2, 3, 2, 3, 8, 16, 2}, [](const Sizes& i) {
            return Sizes{i[0] / 16, i[1] / 16, i[2], i[3], i[1] % 16 / 2, i[0] % 16, i[1] % 2};
        });
    }
    expect_places("VNNI", "k,n", {7, 5}, {4, 5, 2}, [](const Sizes& i) { return Sizes{i[0] / 2, i[1], i[0] % 2}; });
    expect_places("VNNI", "k,c", {5, 7}, {4, 5, 2}, [](const Sizes& i) { return Sizes{i[1] / 2, i[0], i[1] % 2}; });
    expect_places("C", "c", {9}, {9}, [](const Sizes& i) { return i; });
}

TEST(Layout, Errors) {
    const Operand x = operand("n,c,h,w", {2, 3, 4, 5});
    for (const char* text : {"NCH", "NCHWW", "nchw", "NCHW16", "NCHW16C", "NCHWc", "NCHW1c", "NCHW16z", "NCHW4097c",
                             "KCRSx", "16cNCHW", "NCHW99999999999999999999c", "NCHW16c ", "MK"}) {
        const std::string error = error_of([&] { Layout(text, x); });
        EXPECT_EQ(error.find(std::string("layout '") + text + "' of x: expected "), 0u) << error;
    }
    EXPECT_NE(error_of([&] { Layout("NCHW4096c4096c4096c4096c", x); }).find("beyond what a tensor may index"),
              std::string::npos);
    EXPECT_NE(error_of([] { Layout("VNNI", operand("i", {5})); }).find("layout 'VNNI' of x"), std::string::npos);
    EXPECT_NE(error_of([] { Layout("AB", operand("vector,element", {5, 4})); }).find("one letter"), std::string::npos);
}

// Files.

/// Walks a zip file by its directory, 64-bit records included; checks every CRC. Member -> content.
std::map<std::string, std::string> unzip(const std::string& bytes) {
    const auto number = [&](std::size_t at, std::size_t size) {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.substr(at, size).data(), size);
        return value;
    };
    std::size_t end = bytes.rfind("PK\5\6");
    std::uint64_t count = number(end + 10, 2);
    std::uint64_t at = number(end + 16, 4);
    if (count == 0xffff || at == 0xffffffff) {
        end = static_cast<std::size_t>(number(end - 20 + 8, 8));
        EXPECT_EQ(bytes.substr(end, 4), "PK\6\6");
        count = number(end + 32, 8);
        at = number(end + 48, 8);
    }
    std::map<std::string, std::string> members;
    for (std::uint64_t i = 0; i < count; ++i) {
        EXPECT_EQ(bytes.substr(at, 4), "PK\1\2");
        const std::uint64_t method = number(at + 10, 2), crc = number(at + 16, 4), stored = number(at + 20, 4),
                            size = number(at + 24, 4), name = number(at + 28, 2), extra = number(at + 30, 2),
                            local = number(at + 42, 4);
        EXPECT_EQ(bytes.substr(local, 4), "PK\3\4");
        EXPECT_EQ(bytes.substr(local + 30, name), bytes.substr(at + 46, name));
        const std::uint64_t data = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        std::string content = bytes.substr(data, stored);
        if (method == 8) {
            std::string inflated(size, '\0');
            z_stream stream{};
            inflateInit2(&stream, -15);
            stream.next_in = reinterpret_cast<Bytef*>(content.data());
            stream.avail_in = static_cast<uInt>(content.size());
            stream.next_out = reinterpret_cast<Bytef*>(inflated.data());
            stream.avail_out = static_cast<uInt>(inflated.size());
            EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
            inflateEnd(&stream);
            content = inflated;
        }
        EXPECT_EQ(content.size(), size);
        EXPECT_EQ(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()), crc);
        members[bytes.substr(at + 46, name)] = content;
        at += 46 + name + extra;
    }
    return members;
}

/// The elements of an array file, whose header must be as it is given.
std::string elements_of(const std::string& file, const std::string& type, const std::string& shape) {
    const std::size_t length = 10 + static_cast<unsigned char>(file[8]) + 256u * static_cast<unsigned char>(file[9]);
    EXPECT_EQ(length % 64, 0u);
    EXPECT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    EXPECT_EQ(file.substr(10, file.find('}') - 9),
              "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }");
    EXPECT_EQ(file[length - 1], '\n');
    return file.substr(length);
}

std::string raw(const HostTensor& tensor) {
    return std::visit(
        [](const auto& elements) {
            return std::string(reinterpret_cast<const char*>(elements.data()), elements.size() * sizeof elements[0]);
        },
        tensor.data);
}

class Export : public testing::Test {
protected:
    /// One case of every kind: types, ranks, in-place outputs, no exponents.
    Export() {
        for (const auto& [suite, number] : std::vector<std::pair<std::string, std::size_t>>{{"gemm", 40},
                                                                                            {"gemm", 42},
                                                                                            {"conv", 3},
                                                                                            {"conv", 250},
                                                                                            {"instructions", 5},
                                                                                            {"softmax", 1},
                                                                                            {"batch_norm", 2},
                                                                                            {"concat", 8},
                                                                                            {"sgd", 7},
                                                                                            {"dfp", 20}}) {
            cases_.push_back(test::case_of(suite, number));
        }
        Case odd = test::case_of("gemm", 41);
        odd.name = "quotes \" \\ ?\?/ */ and \xc3\xa9";
        cases_.push_back(odd);
        cases_.push_back(limits());
        test::write_file(golden_, cases_);
    }

    /// INT32 at its ends; FP32 of every kind.
    static Case limits() {
        Case made;
        made.name = "limits";
        made.op = OpKind::softmax_backward;
        made.params = LossParams{};
        made.extent = {1, 8};
        made.inputs = {HostTensor(ElementType::fp32, {1, 8}), HostTensor(ElementType::label, {1})};
        made.outputs = {HostTensor(ElementType::fp32, {1, 8})};
        made.inputs[1].labels()[0].value = std::numeric_limits<std::int32_t>::min();
        const std::uint32_t bits[] = {0x80000000, 0x00000001, 0x7f7fffff, 0x00800000,
                                      0x3dcccccd, 0x7fc00123, 0xff800000, 0xc2280000};
        for (std::size_t i = 0; i < 8; ++i) made.outputs[0].fp32()[i] = std::bit_cast<float>(bits[i]);
        return made;
    }

    test::CommandResult run_export(const std::string& format, const std::string& name, const std::string& more = "") {
        return test::dfp16("export " + golden_ + " --format " + format + " -o " + directory_.file(name) + " " + more);
    }
    std::string written(const std::string& name) const { return test::bytes_of(directory_.file(name)); }

    /// (number, "inputs" or "outputs", operand, tensor) of everything.
    void for_each(
        const std::function<void(std::size_t, const std::string&, const Operand&, const HostTensor&)>& visit) {
        for (std::size_t i = 0; i < cases_.size(); ++i) {
            const Operands operands = operands_of(cases_[i]);
            for (std::size_t k = 0; k < operands.inputs.size(); ++k) {
                visit(i, "inputs", operands.inputs[k], cases_[i].inputs[k]);
            }
            for (std::size_t k = 0; k < operands.outputs.size(); ++k) {
                visit(i, "outputs", operands.outputs[k], cases_[i].outputs[k]);
            }
        }
    }

    test::TemporaryDirectory directory_;
    std::string golden_ = directory_.file("golden.h5");
    std::vector<Case> cases_;
};

std::string numpy_type(const HostTensor& tensor) {
    return tensor.type() == ElementType::mantissa ? "<i2" : tensor.type() == ElementType::fp32 ? "<f4" : "<i4";
}

std::string numpy_shape(const Shape& shape) {
    std::string text;
    for (std::size_t d = 0; d < shape.rank(); ++d) text += (d > 0 ? " " : "") + std::to_string(shape[d]) + ",";
    return "(" + text + ")";
}

TEST_F(Export, NpzHoldsEveryBit) {
    for (const std::string compress : {"", "--compress"}) {
        ASSERT_EQ(run_export("npz", "a.npz", compress).status, 0);
        std::map<std::string, std::string> members = unzip(written("a.npz"));
        std::size_t arrays = 0;
        for_each([&](std::size_t i, const std::string& group, const Operand& operand, const HostTensor& tensor) {
            const std::string at = case_group_name(static_cast<std::int64_t>(i)) + "/";
            const std::string name = group + "/" + operand.name + ".npy";
            EXPECT_EQ(elements_of(members[at + name], numpy_type(tensor), numpy_shape(tensor.shape)), raw(tensor))
                << name;
            ASSERT_EQ(members.contains(at + "exponents/" + name), operand.scaled);
            ++arrays;
            if (!operand.scaled) return;
            const std::string exponent = elements_of(members[at + "exponents/" + name], "<i4", "()");
            std::int32_t value = 0;
            std::memcpy(&value, exponent.data(), sizeof value);
            EXPECT_EQ(value, tensor.exponent.value);
            ++arrays;
        });
        EXPECT_EQ(members.size(), arrays + 3 * cases_.size());
        EXPECT_EQ(elements_of(members["000000/op.npy"], "|S4", "()"), "gemm");
    }
}

TEST_F(Export, NumpyReadsNpzAndNpy) {
    std::string python;
    for (const std::string candidate : {"python3", "/usr/bin/python3"}) {
        if (python.empty() && works(candidate + " -c 'import numpy'")) python = candidate;
    }
    if (python.empty()) GTEST_SKIP() << "no numpy";
    ASSERT_EQ(run_export("npz", "a.npz").status, 0);
    ASSERT_EQ(run_export("npz", "z.npz", "--compress").status, 0);
    ASSERT_EQ(run_export("npy", "dir").status, 0);
    ASSERT_EQ(run_export("jsonl", "a.jsonl").status, 0);
    const test::TemporaryDirectory out;
    const std::string command = python + " " DFP16_SOURCE_DIR "/tests/export/compare.py " + directory_.file("a.jsonl") +
                                " " + directory_.file("a.npz") + " " + directory_.file("z.npz") + " " +
                                directory_.file("dir") + " >" + out.file("out") + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << test::bytes_of(out.file("out"));
    EXPECT_EQ(test::bytes_of(out.file("out")), std::to_string(cases_.size()) + " cases equal\n");
}

TEST_F(Export, PythonFindsTheZipWhole) {
    if (!works("python3 -c 'import zipfile'")) GTEST_SKIP() << "no python3";
    ASSERT_EQ(run_export("npz", "z.npz", "--compress").status, 0);
    EXPECT_TRUE(works("python3 -m zipfile -t " + directory_.file("z.npz")));
}

TEST_F(Export, MoreMembersThanSixteenBitsCount) {
    const std::string path = directory_.file("many.zip");
    ZipFile zip(path, false);
    for (int i = 0; i < 70'000; ++i) zip.add("member" + std::to_string(i), "head", std::to_string(i));
    zip.commit();
    const std::map<std::string, std::string> members = unzip(test::bytes_of(path));
    EXPECT_EQ(members.size(), 70'000u);
    EXPECT_EQ(members.at("member69999"), "head69999");
    if (works("python3 -c 'import zipfile'")) {
        EXPECT_TRUE(works("python3 -m zipfile -t " + path));
    }
}

TEST_F(Export, NpyIsADirectory) {
    ASSERT_EQ(run_export("npy", "dir/", "--layout x=NHWC --op conv_forward").status, 0);
    const Case& conv = cases_[2];
    const Shape& shape = conv.inputs[0].shape;
    const std::string sizes = numpy_shape({shape[0], shape[2], shape[3], shape[1]});
    const std::string elements = elements_of(written("dir/000002/inputs/x.npy"), "<i2", sizes);
    EXPECT_EQ(elements.size(), raw(conv.inputs[0]).size());
    EXPECT_EQ(elements_of(written("dir/000002/inputs/w.npy"), "<i2", numpy_shape(conv.inputs[1].shape)),
              raw(conv.inputs[1]));
    const json::value about = json::parse(written("dir/000002/case.json"));
    EXPECT_EQ(about.at("inputs").at("x").at("layout"), "NHWC");
    EXPECT_EQ(about.at("inputs").at("x").at("exponent"), conv.inputs[0].exponent.value);
    EXPECT_FALSE(about.at("inputs").at("w").as_object().contains("layout"));
    test::expect_usage_error("export " + golden_ + " --format npy -o " + directory_.file("dir"), "it exists");
}

std::uint32_t bits_of(const json::value& element, ElementType type) {
    if (element.is_string()) return static_cast<std::uint32_t>(std::stoul(element.as_string().c_str(), nullptr, 16));
    if (type == ElementType::fp32) return std::bit_cast<std::uint32_t>(static_cast<float>(element.to_number<double>()));
    const auto value = element.as_int64();
    return type == ElementType::mantissa ? static_cast<std::uint16_t>(value) : static_cast<std::uint32_t>(value);
}

TEST_F(Export, JsonLinesHoldEveryBit) {
    ASSERT_EQ(run_export("jsonl", "a.jsonl").status, 0);
    std::vector<json::value> lines;
    std::istringstream text(written("a.jsonl"));
    for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
    ASSERT_EQ(lines.size(), cases_.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        EXPECT_EQ(lines[i].at("case"), static_cast<std::int64_t>(i));
        EXPECT_EQ(lines[i].at("name").as_string(), cases_[i].name.c_str());
        EXPECT_EQ(lines[i].at("op"), name_of(cases_[i].op));
        EXPECT_TRUE(lines[i].at("params").is_object());
    }
    for_each([&](std::size_t i, const std::string& group, const Operand& operand, const HostTensor& tensor) {
        const json::value& got = lines[i].at(group).at(operand.name);
        EXPECT_EQ(got.at("type"), name_of(operand.type));
        const json::array& data = got.at("data").as_array();
        ASSERT_EQ(static_cast<std::int64_t>(data.size()), tensor.elements());
        for (std::int64_t k = 0; k < tensor.elements(); ++k) {
            const json::value& element = data[static_cast<std::size_t>(k)];
            ASSERT_EQ(bits_of(element, operand.type), tensor.bits(k)) << i << group << operand.name << k;
        }
        if (operand.scaled) {
            EXPECT_EQ(got.at("exponent"), tensor.exponent.value);
        }
    });
    EXPECT_NE(written("a.jsonl").find("\"data\":[-0.0,1.401298464324817e-45,"), std::string::npos);
}

/// A C program prints everything that the header holds.
TEST_F(Export, CHeaderHoldsEveryBit) {
    if (!works("cc --version")) GTEST_SKIP() << "no C compiler";
    ASSERT_EQ(run_export("c", "all-cases.h").status, 0);
    const std::string out = directory_.file("out");
    const std::string compile = "cc -std=c99 -Wall -Wextra -Wpedantic -Wno-overlength-strings -Werror -I" +
                                directory_.path() + " " DFP16_SOURCE_DIR "/tests/export/print.c -o " +
                                directory_.file("print") + " 2>" + out;
    ASSERT_EQ(std::system(compile.c_str()), 0) << test::bytes_of(out);
    ASSERT_EQ(std::system((directory_.file("print") + " >" + out).c_str()), 0);
    std::string expected;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
        const Operands operands = operands_of(cases_[i]);
        expected += "case " + std::to_string(i) + " " + name_of(cases_[i].op) + " " + cases_[i].name + "\n";
        const auto add = [&](const Operand& operand, const HostTensor& tensor) {
            expected += operand.name + " " + name_of(operand.type) + " " + (operand.scaled ? "1 " : "0 ") +
                        std::to_string(operand.scaled ? tensor.exponent.value : 0) + " " + tensor.shape.text();
            char text[16];
            for (std::int64_t k = 0; k < tensor.elements(); ++k) {
                std::snprintf(text, sizeof text, " %x", static_cast<unsigned>(tensor.bits(k)));
                expected += text;
            }
            expected += "\n";
        };
        for (std::size_t k = 0; k < operands.inputs.size(); ++k) add(operands.inputs[k], cases_[i].inputs[k]);
        for (std::size_t k = 0; k < operands.outputs.size(); ++k) add(operands.outputs[k], cases_[i].outputs[k]);
    }
    const auto& gemm = std::get<GemmParams>(cases_[0].params);
    expected += "K " + std::to_string(gemm.K) + "\n";
    EXPECT_EQ(test::bytes_of(out), expected);
}

TEST_F(Export, Chooses) {
    const auto count = [&](const std::string& more) {
        const test::CommandResult result = run_export("jsonl", "a.jsonl", more);
        EXPECT_EQ(result.status, 0) << result.err;
        const std::string text = written("a.jsonl");
        return std::count(text.begin(), text.end(), '\n');
    };
    EXPECT_EQ(count(""), static_cast<std::ptrdiff_t>(cases_.size()));
    EXPECT_EQ(count("--case 0,2-4,3"), 4);
    EXPECT_EQ(count("--op gemm"), 3);
    EXPECT_EQ(count("--op gemm --case 1-9"), 1);
    const test::CommandResult few = run_export("jsonl", "a.jsonl", "--max-elements 17");
    EXPECT_EQ(few.status, 0);
    EXPECT_NE(few.err.find(" cases left out: more than 17 elements"), std::string::npos) << few.err;
    EXPECT_NE(written("a.jsonl").find("\"limits\""), std::string::npos);
    const std::string base = "export " + golden_ + " --format jsonl -o " + directory_.file("b.jsonl") + " ";
    test::expect_usage_error(base + "--max-elements 1", "no case left to export, 12 are larger than asked for");
    test::expect_usage_error(base + "--op lrn_forward", "no case left to export, expected at least one");
    test::expect_usage_error(base + "--op lrn", "unknown operation 'lrn'");
    test::expect_usage_error(base + "--case 0-99", "case 99 does not exist, the file has 12 cases");
    for (const char* cases : {"x", "3-", "-3", "5-3", "1,,2", "1-2-3", "99999999999999999999"}) {
        test::expect_usage_error(base + "--case=" + cases, "expected numbers and ranges as in 0,5-9");
    }
    test::expect_usage_error(base + "--layout x", "expected tensors and their layouts as in");
    test::expect_usage_error(base + "--layout x=NHWC,x=NCHW", "'x' comes twice");
    test::expect_usage_error(base + "--layout q=NHWC", "no case has a tensor of that name");
    test::expect_usage_error(base + "--layout a=NHWC", "case 000000: layout 'NHWC' of a: expected each of the axes MK");
    test::expect_usage_error(base + "--compress", "--compress with format jsonl, expected npz");
    test::expect_usage_error("export " + golden_ + " --format hdf5 -o a",
                             "unknown format 'hdf5', known: npy, npz, c, jsonl");
    test::expect_usage_error("export " + golden_ + " -o a", "--format is missing");
    test::expect_usage_error("export " + golden_ + " --format npz", "-o PATH is missing");
    EXPECT_EQ(written("b.jsonl"), "");
}

TEST_F(Export, WholeOrNotAtAllAndRepeatable) {
    for (const std::string format : {"npz", "c", "jsonl", "npy"}) {
        const test::TemporaryDirectory place;
        const std::string path = place.file("a");
        if (format != "npy") test::write_bytes(path, "precious");
        // A limit on the size of files fails writes as a full disk does.
        test::expect_usage_error("export " + golden_ + " --format " + format + " -o " + path, "File too large",
                                 "ulimit -f 1; ");
        EXPECT_EQ(place.entries(), format == "npy" ? 0u : 1u) << format;
        if (format == "npy") continue;
        EXPECT_EQ(test::bytes_of(path), "precious");
        ASSERT_EQ(run_export(format, "one/../a").status, 2) << "no such directory";
        ASSERT_EQ(run_export(format, "same").status, 0);
        const std::string first = written("same");
        ASSERT_EQ(run_export(format, "same").status, 0);
        EXPECT_EQ(written("same"), first);
    }
}

}  // namespace
}  // namespace dfp16
