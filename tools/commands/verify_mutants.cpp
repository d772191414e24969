#include "tools/commands/verify_mutants.h"

#include <fmt/core.h>

#include "sim/types/contract_version.h"
#include "tools/json_file.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "vectors/mutants/mutation_json.h"
#include "vectors/mutants/mutation_score.h"
#include "vectors/suite.h"

namespace dfp16 {

namespace {

void print(const MutationReport& report) {
    for (const MutantResult& result : report.results) {
        const char* verdict = result.caught > 0 ? "caught by" : "NOT CAUGHT by any of";
        fmt::print("{:44} {} {} of {} cases\n", result.bug.name, verdict, result.caught, result.cases);
    }
    fmt::print("{} mutants, {} caught; {} by cases without corner classes; level {}, seed {}, {} cases\n",
               report.mutants(), report.caught(), report.caught_without_corner_classes(), report.level, report.seed,
               report.cases);
}

}  // namespace

int verify_mutants_command(const boost::program_options::variables_map& given) {
    MutationOptions options;
    options.level = static_cast<int>(whole_number(given, "level", 1, kLevelMax));
    options.seed = seed_of(given);
    options.threads = threads_of(given);
    JsonFile json(given["json"].as<std::string>());
    const auto& page_path = given["page"].as<std::string>();
    const auto page = page_path.empty() ? nullptr : std::make_unique<OutputFile>(page_path);
    fmt::print(stderr, "verify: mutants, level {}, seed {}, contract {}, threads {}\n", options.level, options.seed,
               kContractVersion, options.threads);
    MutationReport report;
    {
        Progress progress("mutants");
        options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
        report = run_mutants(options);
    }
    print(report);
    json.commit(to_json(report));
    if (page) {
        const std::string text = mutants_page(report);
        page->write(text.data(), text.size());
        page->commit();
    }
    return report.caught() == report.mutants() ? 0 : 1;
}

}  // namespace dfp16
