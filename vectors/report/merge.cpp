#include "vectors/report/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/types/error.h"

namespace dfp16 {

namespace {

/// What all shards of a run have in common, in words.
std::string run_of(const VerifyReport& report) {
    std::string text = fmt::format("{}, suite {}, level {}, seed {}, contract {}, {} shards, {} threads", report.source,
                                   report.header.suite, report.header.level, report.header.seed, report.header.contract,
                                   report.shard.count, report.threads);
    for (const BackendResult& result : report.backends) text += fmt::format(", {} on {}", result.name, result.isa);
    return text;
}

void check_shards(const std::vector<NamedReport>& shards) {
    if (shards.empty()) throw InputError("no report to merge, expected at least one");
    const NamedReport& first = shards.front();
    std::set<std::int64_t> seen;
    for (const auto& [path, report] : shards) {
        if (run_of(report) != run_of(first.report)) {
            throw InputError(fmt::format("{}: is of {}, expected {} as in {}", path, run_of(report),
                                         run_of(first.report), first.path));
        }
        if (!seen.insert(report.shard.index).second) {
            throw InputError(
                fmt::format("{}: shard {}/{} is there twice", path, report.shard.index, report.shard.count));
        }
    }
    for (std::int64_t index = 1; index <= first.report.shard.count; ++index) {
        if (seen.contains(index)) continue;
        throw InputError(
            fmt::format("{}: shard {}/{} of the same run is missing", first.path, index, first.report.shard.count));
    }
}

void add(BackendResult& sum, const BackendResult& part) {
    sum.cases += part.cases;
    sum.elements += part.elements;
    sum.cases_differ += part.cases_differ;
    sum.elements_differ += part.elements_differ;
    sum.bits_differ += part.bits_differ;
    sum.skipped += part.skipped;
}

void add(VerifyReport& sum, const VerifyReport& part) {
    for (std::size_t i = 0; i < sum.backends.size(); ++i) add(sum.backends[i], part.backends[i]);
    sum.mismatches.insert(sum.mismatches.end(), part.mismatches.begin(), part.mismatches.end());
    sum.cases.insert(sum.cases.end(), part.cases.begin(), part.cases.end());
    for (const auto& [name, count] : part.classes) {
        sum.classes[name].corner = count.corner;
        sum.classes[name].cases += count.cases;
    }
}

}  // namespace

VerifyReport merge(const std::vector<NamedReport>& shards) {
    check_shards(shards);
    VerifyReport sum = shards.front().report;
    sum.shard = {};
    for (std::size_t i = 1; i < shards.size(); ++i) add(sum, shards[i].report);
    std::ranges::stable_sort(sum.mismatches, {}, &Mismatch::case_number);
    std::ranges::stable_sort(sum.cases, {}, &CaseResult::number);
    for (std::size_t i = kHeatMaps; i < sum.mismatches.size(); ++i) sum.mismatches[i].heat.reset();
    return sum;
}

}  // namespace dfp16
