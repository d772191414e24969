#include "tools/commands/export.h"

#include <fmt/core.h>

#include <iostream>
#include <limits>

#include "sim/types/error.h"
#include "tools/commands/export_verilog.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "vectors/export/export.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

po::options_description options_of() {
    po::options_description options(
        "dfp16 export FILE --format NAME -o PATH [options]: golden vectors in other formats", 110);
    // clang-format off
    options.add_options()
        ("file", po::value<std::string>(), "the golden file")
        ("format", po::value<std::string>(), "npy (a directory), npz, c (a header), jsonl or verilog (a directory)")
        ("output,o", po::value<std::string>(), "what to write: a file; npy, verilog: a directory")
        ("case", po::value<std::string>(), "these cases only: numbers and ranges as in 0,5-9")
        ("op", po::value<std::string>(), "cases of this operation only")
        ("max-elements", text_option("0"), "leaves out cases with more elements, inputs and outputs together; 0: none")
        ("layout", po::value<std::string>(), "layouts of tensors as in x=NCHW16c,w=VNNI (docs/exports.md)")
        ("compress", "npz: deflates")
        ("help,h", "this text");
    // clang-format on
    add_verilog_options(options);
    return options;
}

std::unique_ptr<Exporter> exporter_of(const std::string& format, const std::string& path, const FileHeader& header,
                                      bool deflated) {
    if (deflated && format != "npz") throw InputError("export: --compress with format " + format + ", expected npz");
    if (format == "npy") return make_npy_exporter(path);
    if (format == "npz") return make_npz_exporter(path, deflated);
    if (format == "c") return make_c_exporter(path, header);
    if (format == "jsonl") return make_jsonl_exporter(path);
    throw InputError("unknown format '" + format + "', known: npy, npz, c, jsonl, verilog");
}

ExportOptions export_options_of(const po::variables_map& given) {
    ExportOptions options;
    if (given.contains("case")) options.cases = case_ranges_of(given["case"].as<std::string>());
    if (given.contains("op")) options.op = op_kind_of(given["op"].as<std::string>());
    if (given.contains("layout")) options.layouts = layouts_of(given["layout"].as<std::string>());
    options.most_elements = whole_number(given, "max-elements", 0, std::numeric_limits<std::int64_t>::max());
    return options;
}

}  // namespace

int export_command(const std::vector<std::string>& arguments) {
    const po::options_description description = options_of();
    const po::variables_map given = parse_options("export", arguments, description, "file");
    if (given.contains("help")) {
        std::cout << description;
        return 0;
    }
    const std::string file = required(given, "export", "file", "FILE");
    const std::string format = required(given, "export", "format", "--format");
    const std::string path = required(given, "export", "output", "-o PATH");
    ExportOptions options = export_options_of(given);
    const FileHeader header = GoldenReader(file).header();
    const bool compress = given.contains("compress");
    if (format != "verilog") reject_verilog_options(given, format);
    const auto exporter = format == "verilog" && !compress ? nullptr : exporter_of(format, path, header, compress);
    fmt::print(stderr, "export: suite {}, level {}, seed {}, contract {}, format {}\n", header.suite, header.level,
               header.seed, header.contract, format);
    ExportReport report;
    {
        Progress progress("export");
        options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
        report = exporter ? export_cases(file, *exporter, options) : export_verilog_command(file, path, options, given);
    }
    if (report.too_large > 0) {
        fmt::print(stderr, "export: {} cases left out: more than {} elements\n", report.too_large,
                   options.most_elements);
    }
    fmt::print("{}: format {}, suite {}, level {}, seed {}, contract {}: {} cases\n", path, format, header.suite,
               header.level, header.seed, header.contract, report.cases);
    return 0;
}

}  // namespace dfp16
