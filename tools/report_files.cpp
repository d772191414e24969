#include "tools/report_files.h"

#include <fmt/core.h>

#include <algorithm>

#include "sim/types/error.h"
#include "tools/options.h"
#include "vectors/report/coverage.h"
#include "vectors/report/html.h"
#include "vectors/report/junit.h"
#include "vectors/report/report_json.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

constexpr std::size_t kMostShown = 20;

std::unique_ptr<OutputFile> open(const po::variables_map& given, const char* option) {
    const auto& path = given[option].as<std::string>();
    return path.empty() ? nullptr : std::make_unique<OutputFile>(path);
}

void write(OutputFile* file, const std::string& text) {
    if (file == nullptr) return;
    file->write(text.data(), text.size());
    file->commit();
}

std::string text_of(const BackendResult& result, const char* with) {
    const std::string skipped =
        result.skipped == 0 ? "" : fmt::format("; {} cases skipped: not implemented", result.skipped);
    return fmt::format("{:6} {:10} {} {} cases, {} elements: {} cases, {} elements, {} bits differ{}", result.name,
                       result.isa, with, result.cases, result.elements, result.cases_differ, result.elements_differ,
                       result.bits_differ, skipped);
}

void print_backends(const VerifyReport& report) {
    const BackendResult& golden = report.backends.front();
    if (report.stored) {
        fmt::print("{}\n", text_of(golden, "= stored:"));
    } else {
        fmt::print("{:6} {:10} computed: {} cases, {} elements\n", golden.name, golden.isa, golden.cases,
                   golden.elements);
    }
    for (std::size_t i = 1; i < report.backends.size(); ++i) {
        fmt::print("{}\n", text_of(report.backends[i], "= golden:"));
    }
    for (const std::string& name : report.absent) fmt::print("fast   {:10} skipped: this CPU lacks it\n", name);
}

void print(const VerifyReport& report) {
    for (std::size_t i = 0; i < std::min(kMostShown, report.mismatches.size()); ++i) {
        fmt::print("{}\n", text_of(report.mismatches[i]));
    }
    if (report.mismatches.size() > kMostShown) {
        fmt::print("... and {} more, of which --case N shows one\n", report.mismatches.size() - kMostShown);
    }
    print_backends(report);
}

}  // namespace

void add_report_options(po::options_description& options) {
    // clang-format off
    options.add_options()
        ("json", text_option(""), "file for the result as JSON")
        ("junit", text_option(""), "file for the result as JUnit XML")
        ("html", text_option(""), "file for the result as one HTML page")
        ("coverage", po::bool_switch(), "print how often each class of cases was run");
    // clang-format on
}

ReportFiles::ReportFiles(const po::variables_map& given)
    : json_(given["json"].as<std::string>()),
      junit_(open(given, "junit")),
      html_(open(given, "html")),
      coverage_(given["coverage"].as<bool>()) {}

void ReportFiles::write(const VerifyReport& report) {
    print(report);
    if (coverage_) fmt::print("{}", coverage_text(report));
    json_.commit(report_to_json(report));
    dfp16::write(junit_.get(), report_to_junit(report));
    dfp16::write(html_.get(), report_to_html(report));
}

void print_times(const VerifyTimes& times) {
    if (times.all <= 0) return;
    fmt::print(stderr,
               "verify: {:.2f} s: golden {:.0f} %, kernels {:.0f} %, the rest {:.0f} %; {:.0f} MB/s of tensors\n",
               times.all, 100 * times.golden / times.all, 100 * times.kernels / times.all,
               100 * (times.all - times.golden - times.kernels) / times.all, times.bytes / times.all / 1e6);
}

int exit_status_of(const VerifyReport& report) {
    if (report.cases.empty() && report.shard.count == 1) throw InputError(report.source + ": no case was run");
    for (std::size_t i = 1; i < report.backends.size(); ++i) {
        const BackendResult& kernel = report.backends[i];
        if (kernel.cases > 0 || report.shard.count > 1) continue;
        throw InputError(report.source + ": " + kernel.isa +
                         " implements the operation of no case, expected one at least");
    }
    return report.mismatches.empty() ? 0 : 1;
}

}  // namespace dfp16
