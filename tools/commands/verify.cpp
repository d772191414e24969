#include "tools/commands/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>

#include "fastpath/backend.h"
#include "reference/golden.h"
#include "sim/types/contract_version.h"
#include "tools/json_file.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "vectors/verify.h"

namespace dfp16 {

namespace json = boost::json;
namespace po = boost::program_options;

namespace {

constexpr std::size_t kMostShown = 20;

po::options_description options_of() {
    po::options_description options("dfp16 verify FILE [options]: stored outputs = golden = every ISA, to the last bit",
                                    110);
    // clang-format off
    options.add_options()
        ("file", po::value<std::string>(), "the golden file")
        ("isa", text_option("all"), "all (that this CPU has), auto, portable, avx2, avx512bw or avx512vnni")
        ("threads", text_option(default_threads()), "threads of every backend")
        ("case", po::value<std::string>(), "one case, by its number")
        ("json", text_option(""), "file for the result as JSON")
        ("help,h", "this text");
    // clang-format on
    return options;
}

struct Selection {
    std::vector<fast::Isa> isas;
    std::vector<std::string> skipped;  ///< those that this CPU lacks
};

Selection selection_of(const std::string& name) {
    if (name != "all") return {{fast::isa_of(name)}, {}};
    Selection selection{fast::supported_isas(), {}};
    for (const fast::Isa isa : {fast::Isa::portable, fast::Isa::avx2, fast::Isa::avx512bw, fast::Isa::avx512vnni}) {
        if (!fast::supported(isa)) selection.skipped.push_back(fast::name_of(isa));
    }
    return selection;
}

std::string list_of(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
}

void print(const VerifyReport& report, const Selection& selection) {
    for (std::size_t i = 0; i < std::min(kMostShown, report.mismatches.size()); ++i) {
        fmt::print("{}\n", text_of(report.mismatches[i]));
    }
    if (report.mismatches.size() > kMostShown) {
        fmt::print("... and {} more, of which --case N shows one\n", report.mismatches.size() - kMostShown);
    }
    for (const BackendResult& result : report.backends) {
        fmt::print("{:6} {:10} {} {} cases, {} elements: {} cases, {} elements, {} bits differ\n", result.name,
                   result.isa, result.name == "golden" ? "= stored:" : "= golden:", result.cases, result.elements,
                   result.cases_differ, result.elements_differ, result.bits_differ);
    }
    for (const std::string& name : selection.skipped) fmt::print("fast   {:10} skipped: this CPU lacks it\n", name);
}

json::object to_json(const Mismatch& m) {
    return {{"case", m.case_number},
            {"name", m.case_name},
            {"op", m.op},
            {"isa", m.isa},
            {"expected", m.expected},
            {"got", m.got},
            {"difference", m.difference},
            {"exponents", m.exponents},
            {"differing_elements", m.differing_elements},
            {"differing_bits", m.differing_bits},
            {"reproduce", m.reproduce}};
}

/// Cases of which anything differs.
std::int64_t failed_cases(const VerifyReport& report) {
    std::vector<std::int64_t> numbers;
    for (const Mismatch& mismatch : report.mismatches) numbers.push_back(mismatch.case_number);
    return std::unique(numbers.begin(), numbers.end()) - numbers.begin();  // they come in ascending order
}

json::object to_json(const std::string& path, const VerifyReport& report, const Selection& selection, int threads) {
    std::int64_t runs = 0;
    std::int64_t bits_differ = 0;
    json::array backends;
    for (const BackendResult& result : report.backends) {
        if (result.name != "golden") runs += result.cases;
        bits_differ += result.bits_differ;
        backends.push_back(json::object{{"name", result.name},
                                        {"isa", result.isa},
                                        {"cases", result.cases},
                                        {"elements", result.elements},
                                        {"cases_differ", result.cases_differ},
                                        {"elements_differ", result.elements_differ},
                                        {"bits_differ", result.bits_differ}});
    }
    json::array mismatches;
    for (const Mismatch& mismatch : report.mismatches) mismatches.push_back(to_json(mismatch));
    json::array skipped;
    for (const std::string& name : selection.skipped) skipped.emplace_back(name);
    return {{"file", path},
            {"suite", report.header.suite},
            {"level", report.header.level},
            {"seed", report.header.seed},
            {"contract", report.header.contract},
            {"threads", threads},
            {"cases", report.backends.front().cases},
            {"runs", runs},
            {"failed", failed_cases(report)},
            {"bits_differ", bits_differ},
            {"skipped", skipped},
            {"backends", backends},
            {"mismatches", mismatches}};
}

VerifyOptions verify_options_of(const po::variables_map& given) {
    VerifyOptions options;
    options.threads = threads_of(given);
    if (given.contains("case")) options.case_number = whole_number(given, "case", 0, kMostCases - 1);
    return options;
}

}  // namespace

int verify_command(const std::vector<std::string>& arguments) {
    const po::options_description description = options_of();
    const po::variables_map given = parse_options("verify", arguments, description, "file");
    if (given.contains("help")) {
        std::cout << description;
        return 0;
    }
    const std::string path = required(given, "verify", "file", "FILE");
    VerifyOptions options = verify_options_of(given);
    const Selection selection = selection_of(given["isa"].as<std::string>());
    const FileHeader header = GoldenReader(path).header();
    JsonFile json_file(given["json"].as<std::string>());

    const auto golden = make_golden_backend(options.threads);
    std::vector<std::unique_ptr<Backend>> owners;
    std::vector<Backend*> kernels;
    std::vector<std::string> isas;
    for (const fast::Isa isa : selection.isas) {
        owners.push_back(fast::make_backend(isa, options.threads));
        kernels.push_back(owners.back().get());
        isas.push_back(kernels.back()->isa());
    }
    fmt::print(stderr, "verify: suite {}, level {}, seed {}, contract {}, ISA {}, threads {}\n", header.suite,
               header.level, header.seed, header.contract, list_of(isas), options.threads);
    VerifyReport report;
    {
        Progress progress("verify");
        options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
        report = verify_file(path, *golden, kernels, options);
    }
    print(report, selection);
    json_file.commit(to_json(path, report, selection, options.threads));
    return report.mismatches.empty() ? 0 : 1;
}

}  // namespace dfp16
