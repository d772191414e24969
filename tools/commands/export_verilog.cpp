#include "tools/commands/export_verilog.h"

#include <charconv>
#include <vector>

#include "sim/types/error.h"
#include "tools/options.h"
#include "vectors/export/verilog.h"
#include "vectors/split.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

constexpr const char* kOptions[] = {"module", "lanes", "order"};

std::int64_t lanes_of(const std::string& text, const std::string& whole) {
    std::int64_t lanes = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lanes);
    if (error == std::errc{} && end == text.data() + text.size() && lanes >= 1 && lanes <= 1024) return lanes;
    throw InputError("--lanes '" + whole +
                     "', expected a number from 1 to 1024, or tensors with one each as in x=16,w=32");
}

/// "NAME=VALUE" parts of a list.
std::map<std::string, std::string> named(const std::string& option, const std::string& text, char separator) {
    std::map<std::string, std::string> values;
    for (const std::string& part : split(text, separator)) {
        const std::size_t equals = part.find('=');
        const bool whole = equals != std::string::npos && equals > 0 && equals + 1 < part.size();
        if (!whole || !values.emplace(part.substr(0, equals), part.substr(equals + 1)).second) {
            throw InputError("--" + option + " '" + text + "', expected tensors, each once, as in x=...");
        }
    }
    return values;
}

void set_lanes(VerilogOptions& options, const std::string& text) {
    if (text.find('=') == std::string::npos) {
        options.lanes = lanes_of(text, text);
        return;
    }
    for (const auto& [name, lanes] : named("lanes", text, ',')) options.tensor_lanes[name] = lanes_of(lanes, text);
}

void set_order(VerilogOptions& options, const std::string& text) {
    if (text == "blocked") {
        options.channel_blocked = true;
    } else {
        options.orders = named("order", text, ';');
    }
}

}  // namespace

void add_verilog_options(po::options_description& options) {
    // clang-format off
    options.add_options()
        ("module", po::value<std::string>(), "verilog: the module under test (without: dfp16_OP)")
        ("lanes", po::value<std::string>(), "verilog: elements in a word of memory, of all tensors or as in x=16,w=32")
        ("order", po::value<std::string>(), "verilog: blocked (channels in blocks of the lanes), or tensors as in 'w=k/16,c/2,r,s,k%16,c%2;x=...'");
    // clang-format on
}

ExportReport export_verilog_command(const std::string& file, const std::string& path, const ExportOptions& options,
                                    const po::variables_map& given) {
    if (!options.layouts.empty())
        throw InputError("export: --layout with format verilog, expected --order and --lanes");
    VerilogOptions verilog;
    if (given.contains("module")) verilog.module = given["module"].as<std::string>();
    if (given.contains("lanes")) set_lanes(verilog, given["lanes"].as<std::string>());
    if (given.contains("order")) set_order(verilog, given["order"].as<std::string>());
    const GoldenReader reader(file);
    const ExportSelection selection = select_cases(reader, file, options);
    export_verilog(path, reader, selection.numbers, verilog);
    return {static_cast<std::int64_t>(selection.numbers.size()), selection.too_large};
}

void reject_verilog_options(const po::variables_map& given, const std::string& format) {
    for (const char* option : kOptions) {
        if (!given.contains(option)) continue;
        throw InputError(std::string("export: --") + option + " with format " + format + ", expected verilog");
    }
}

}  // namespace dfp16
