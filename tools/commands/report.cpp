#include "tools/commands/report.h"

#include <iostream>

#include "sim/types/error.h"
#include "tools/options.h"
#include "tools/report_files.h"
#include "vectors/report/merge.h"
#include "vectors/report/report_json.h"

namespace dfp16 {

namespace po = boost::program_options;

namespace {

po::options_description options_of() {
    po::options_description options(
        "dfp16 report RESULT.json... [options]: merges the results of all shards of a run of verify; the exit status "
        "is\n"
        "that of the whole",
        110);
    options.add_options()("result", po::value<std::vector<std::string>>(), "results of verify --json");
    add_report_options(options);
    options.add_options()("help,h", "this text");
    return options;
}

}  // namespace

int report_command(const std::vector<std::string>& arguments) {
    const po::options_description description = options_of();
    const po::variables_map given = parse_options("report", arguments, description, "result", -1);
    if (given.contains("help")) {
        std::cout << description;
        return 0;
    }
    if (!given.contains("result")) throw InputError("report: RESULT.json is missing (see dfp16 report --help)");
    std::vector<NamedReport> shards;
    for (const std::string& path : given["result"].as<std::vector<std::string>>()) {
        shards.push_back({path, read_report(path)});
    }
    const VerifyReport report = merge(shards);
    ReportFiles files(given);
    files.write(report);
    return exit_status_of(report);
}

}  // namespace dfp16
