#include "tools/commands/inspect.h"

#include <fmt/core.h>

#include <iostream>

#include "sim/types/error.h"
#include "tools/commands/inspect_network.h"
#include "tools/options.h"
#include "tools/topology_options.h"
#include "vectors/golden_file.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

po::options_description options_of() {
    po::options_description options(
        "dfp16 inspect FILE [--case N] | --net NAME [--input CxHxW] [--classes N] [--width X] [--json FILE]", 110);
    // clang-format off
    options.add_options()
        ("file", po::value<std::string>(), "a golden file: lists its cases")
        ("case", po::value<std::string>(), "one case in full, by its number")
        ("net", po::value<std::string>(), "a network: lists its layers")
        ("input", po::value<std::string>(), "with --net: size of an image, CxHxW; default: as published")
        ("classes", po::value<std::string>(), "with --net: number of classes; default: as published")
        ("width", po::value<std::string>(), "with --net: multiplies the channels of hidden layers; default: 1")
        ("json", text_option(""), "with --net: file for the layers as JSON")
        ("help,h", "this text");
    // clang-format on
    return options;
}

std::string element_text(const HostTensor& tensor, std::size_t i) {
    switch (tensor.type()) {
        case ElementType::mantissa: return fmt::format("{}", tensor.mantissas()[i].value);
        case ElementType::accumulator: return fmt::format("{}", tensor.accumulators()[i].value);
        case ElementType::fp32: return fmt::format("{}", tensor.fp32()[i]);
        case ElementType::label: return fmt::format("{}", tensor.labels()[i].value);
    }
    return "?";
}

/// One line for each run of the innermost index, behind the coordinates of its first element.
void print_tensor(const char* group, const Operand& operand, const HostTensor& tensor) {
    fmt::print("{}/{}: {} {}", group, operand.name, name_of(tensor.type()), tensor.shape.text());
    if (operand.scaled) fmt::print(", exponent {}", tensor.exponent.value);
    fmt::print("\n");
    const std::int64_t row = tensor.shape[tensor.shape.rank() - 1];
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
        if (i % row == 0) fmt::print("  {}", tensor.shape.coordinates(i));
        fmt::print(" {}{}", element_text(tensor, static_cast<std::size_t>(i)), (i + 1) % row == 0 ? "\n" : "");
    }
}

void print_case(const GoldenReader& reader, std::int64_t number) {
    const CaseEntry entry = reader.entry(number);
    const Case golden_case = reader.read(number);
    fmt::print("case {}\nname: {}\nop: {}\nparams: {}\ndigest: {}\n", case_group_name(number), golden_case.name,
               name_of(golden_case.op), entry.params, entry.digest);
    const Operands operands = operands_of(golden_case);
    for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
        print_tensor("inputs", operands.inputs[i], golden_case.inputs[i]);
    }
    for (std::size_t i = 0; i < operands.outputs.size(); ++i) {
        print_tensor("outputs", operands.outputs[i], golden_case.outputs[i]);
    }
}

void list_cases(const std::string& path, const GoldenReader& reader) {
    const FileHeader& header = reader.header();
    const Shard& shard = header.shard;
    const std::string part = shard == Shard{} ? "" : fmt::format("shard {}/{}, ", shard.index, shard.count);
    fmt::print("{}: schema {}, contract {}, suite {}, level {}, seed {}, {}by {}, {} cases\n", path, kSchema,
               header.contract, header.suite, header.level, header.seed, part, header.generator, reader.cases());
    for (std::int64_t i = 0; i < reader.cases(); ++i) {
        const CaseEntry entry = reader.entry(i);
        fmt::print("{} {:20} {}", case_group_name(i), name_of(entry.header.op), entry.header.name);
        for (const Operand& output : operands_of(entry.header).outputs) {
            fmt::print("  {} {} {}", output.name, name_of(output.type), output.shape.text());
        }
        fmt::print("\n");
    }
}

}  // namespace

int inspect_command(const std::vector<std::string>& arguments) {
    const po::options_description description = options_of();
    const po::variables_map given = parse_options("inspect", arguments, description, "file");
    if (given.contains("help")) {
        std::cout << description;
        return 0;
    }
    const std::string json = given["json"].as<std::string>();
    if (given.contains("net")) {
        if (given.contains("file") || given.contains("case")) {
            throw InputError("inspect: --net and a golden file, expected one of them");
        }
        const std::string net = given["net"].as<std::string>();
        return inspect_network(net, json, topology_options(given, published_input(net)));
    }
    const std::string path = required(given, "inspect", "file", "FILE or --net NAME");
    for (const char* option : {"json", "input", "classes", "width"}) {
        if (given.contains(option) && !given[option].defaulted()) {
            throw InputError(std::string("inspect: --") + option + " without --net, expected --net NAME");
        }
    }
    const GoldenReader reader(path);
    if (given.contains("case")) {
        print_case(reader, whole_number(given, "case", 0, kMostCases - 1));
    } else {
        list_cases(path, reader);
    }
    return 0;
}

}  // namespace dfp16
