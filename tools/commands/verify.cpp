#include "tools/commands/verify.h"

#include <fmt/core.h>

#include <chrono>
#include <iostream>
#include <optional>

#include "reference/golden.h"
#include "sim/types/error.h"
#include "tools/commands/triage_report.h"
#include "tools/commands/verify_kernels.h"
#include "tools/commands/verify_mutants.h"
#include "tools/commands/verify_stream.h"
#include "tools/interrupt.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/report_files.h"
#include "vectors/split.h"
#include "vectors/suite.h"
#include "vectors/verify.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

po::options_description options_of() {
    po::options_description options(
        "dfp16 verify FILE [options]: stored outputs = golden = every kernel, to the last bit\n"
        "dfp16 verify --suite NAMES [options]: the same on cases as generate makes them, without a file\n"
        "dfp16 verify --mutants [options]: do the cases catch kernels with known bugs? (docs/mutants.md)\n"
        "dfp16 verify --stream [options]: cases with a simulator's answers, from standard input (docs/streams.md)",
        110);
    // clang-format off
    options.add_options()
        ("file", po::value<std::string>(), "the golden file")
        ("mutants", po::bool_switch(), "in place of a file: the mutation score of all suites")
        ("page", text_option(""), "with --mutants: file for a table of what catches what, in Markdown")
        ("stream", po::bool_switch(), "in place of a file: text from standard input, which has the answers too")
        ("suite", po::value<std::string>(), "suites in place of a file, with commas between; all: all of them")
        ("level", text_option("1"), "with --suite, --mutants: 1 (seconds), 2 (minutes), 3 (until stopped; Ctrl-C gives the report)")
        ("seed", text_option("1"), "with --suite, --mutants: seed of the data; level 3 goes on with the next ones")
        ("seconds", text_option("0"), "end after this time, with a report; 0: no limit")
        ("shard", text_option("1/1"), "I/N: one of N equal parts of the cases (dfp16 report merges their results)")
        ("triage", po::value<std::string>(), "a directory: failures of kernels are explained, their smallest cases written there")
        ("case", po::value<std::string>(), "one case, by its number");
    // clang-format on
    add_kernel_options(options);
    add_report_options(options);
    options.add_options()("help,h", "this text");
    return options;
}

std::unique_ptr<CaseSource> suites_of(const po::variables_map& given) {
    const auto& list = given["suite"].as<std::string>();
    std::vector<std::string> names = suite_names();
    if (list != "all") names = split(list, ',');
    const int level = static_cast<int>(whole_number(given, "level", 1, kLevelMax));
    return make_suite_source(names, level, seed_of(given), level == kLevelMax ? kEndless : 1);
}

std::unique_ptr<CaseSource> source_of(const po::variables_map& given) {
    if (given.contains("suite")) return suites_of(given);
    return make_file_source(required(given, "verify", "file", "FILE or --suite"));
}

void check_one_source(const po::variables_map& given) {
    const int flags = given["stream"].as<bool>() + given["mutants"].as<bool>();
    if (flags + given.contains("file") + given.contains("suite") <= 1) return;
    throw InputError("verify: several of FILE, --suite, --stream and --mutants are given, expected one of them");
}

/// A file and a stream have their level and seed in themselves.
void check_suite_options(const po::variables_map& given) {
    if (given.contains("suite") || given["mutants"].as<bool>()) return;
    for (const char* option : {"level", "seed"}) {
        if (given[option].defaulted()) continue;
        throw InputError(fmt::format("verify: --{} is given, expected it with --suite or --mutants only", option));
    }
}

/// Ctrl-C and --seconds.
class Limit {
public:
    explicit Limit(std::int64_t seconds) : seconds_(seconds) {}
    bool reached() const {
        if (request_.signal() != 0) return true;
        return seconds_ > 0 && std::chrono::steady_clock::now() - start_ >= std::chrono::seconds(seconds_);
    }

private:
    StopRequest request_;
    std::int64_t seconds_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

VerifyOptions verify_options_of(const po::variables_map& given, const Kernels& kernels) {
    VerifyOptions options;
    options.threads = threads_of(given);
    options.shard = shard_of(given["shard"].as<std::string>());
    options.kernel_arguments = kernels.arguments;
    if (given.contains("case")) {
        options.case_number = whole_number(given, "case", 0, kMostCases - 1);
    }
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
    check_one_source(given);
    check_suite_options(given);
    if (given["stream"].as<bool>()) return verify_stream_command(given);
    if (given["mutants"].as<bool>()) return verify_mutants_command(given);
    const int threads = threads_of(given);
    const Kernels kernels = make_kernels(given, threads);
    VerifyOptions options = verify_options_of(given, kernels);
    const std::unique_ptr<CaseSource> source = source_of(given);
    const Limit limit(whole_number(given, "seconds", 0, 1'000'000'000));
    ReportFiles files(given);

    const auto golden = make_golden_backend(threads);
    fmt::print(stderr, "verify: suite {}, level {}, seed {}, contract {}, ISA {}, threads {}\n", source->header().suite,
               source->header().level, source->header().seed, source->header().contract, kernels.names(), threads);
    std::optional<TriageReport> triages;
    if (given.contains("triage")) {
        triages.emplace(given["triage"].as<std::string>(), *golden);
        options.on_failure = [&](const Failure& failure) { triages->add(failure); };
    }
    VerifyReport report;
    {
        Progress progress("verify");
        options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
        options.stop = [&] { return limit.reached(); };
        const std::vector<Backend*> pointers = kernels.pointers();
        report = Verifier(*source, *golden, pointers, options).verify();
    }
    print_times(report.times);
    report.absent = kernels.absent;
    files.write(report);
    if (triages) triages->print(kernels);
    return exit_status_of(report);
}

}  // namespace dfp16
