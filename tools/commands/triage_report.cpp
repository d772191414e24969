#include "tools/commands/triage_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "sim/types/error.h"
#include "vectors/shell_word.h"

namespace dfp16 {

TriageReport::TriageReport(const std::string& directory, Backend& golden) : directory_(directory), golden_(golden) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error || !std::filesystem::is_directory(directory)) {
        throw InputError("--triage " + directory + ": cannot be made, expected a directory");
    }
}

void TriageReport::add(const Failure& failure) {
    const Mismatch& mismatch = failure.mismatch;
    const std::string key = mismatch.op + ", " + mismatch.kind + " on " + mismatch.isa;
    if (!kinds_.contains(key) && (kinds_.size() >= kMost || !explain(key, failure))) return;
    if (mismatch.kind == "bits") diagnose(kinds_[key], failure);
}

bool TriageReport::explain(const std::string& key, const Failure& failure) {
    const Mismatch& mismatch = failure.mismatch;
    const triage::Outcome outcome = failure.got.empty()
                                        ? triage::outcome_of(failure.failed, failure.expected, failure.kernel)
                                        : triage::outcome_of(failure.expected, failure.got);
    if (!outcome.fails()) return false;  // it answers differently now
    const triage::Triage found =
        triage::triage_of(failure.failed, failure.expected, outcome, failure.kernel, golden_, {});
    const std::string number = case_group_name(mismatch.case_number);
    std::string name = mismatch.op + "-" + number + "-" + mismatch.isa + ".h5";
    std::ranges::replace(name, '/', '_');
    Kind& kind = kinds_[key];
    kind.path = directory_ + "/" + name;
    kind.kernel = &failure.kernel;
    kind.text = fmt::format("case {} {} ({})\n{}", number, mismatch.case_name, key, triage::text_of(found));
    triage::write_case(kind.path, found, std::string("dfp16 ") + DFP16_VERSION);
    return true;
}

void TriageReport::diagnose(Kind& kind, const Failure& failure) {
    if (kind.diagnosed >= kDiagnosed || !triage::comparable(failure.expected, failure.got)) return;
    std::int64_t elements = 0;
    for (const HostTensor& tensor : failure.failed.inputs) elements += tensor.elements();
    if (elements > kMostElements) return;
    ++kind.diagnosed;
    std::set<std::string> classes;
    const triage::Evidence evidence(failure.failed, failure.expected, failure.got, golden_);
    for (const triage::Diagnosis& d : triage::diagnose(evidence)) {
        if (d.explained >= 1) classes.insert(d.class_name);
    }
    for (const std::string& name : classes) ++kind.classes[name];
}

void TriageReport::print(const Kernels& kernels) const {
    if (!kinds_.empty()) fmt::print("\ntriage: the first failure of each operation and kind\n");
    for (const auto& [key, kind] : kinds_) {
        std::string arguments;
        for (std::size_t i = 0; i < kernels.backends.size(); ++i) {
            if (kernels.backends[i].get() == kind.kernel) arguments = kernels.arguments[i];
        }
        fmt::print("{}\n    dfp16 verify {} --case 0{}\n", kind.text, shell_word(kind.path), arguments);
        std::vector<std::pair<std::int64_t, std::string>> counts;
        for (const auto& [name, count] : kind.classes) counts.emplace_back(-count, name);
        std::ranges::sort(counts);
        for (const auto& [count, name] : counts) {
            fmt::print("  of the first {} failures of this kind, {} are explained by: {}\n", kind.diagnosed, -count,
                       name);
        }
    }
}

}  // namespace dfp16
