#include "tools/commands/triage_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "sim/types/error.h"
#include "vectors/quoted.h"

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
    if (texts_.contains(key) || texts_.size() >= kMost) return;
    const Triage found =
        triage(failure.failed, failure.expected, failure.got, mismatch.kind, failure.kernel, golden_, {});
    std::string name = mismatch.op + "-" + case_group_name(mismatch.case_number) + "-" + mismatch.isa + ".h5";
    std::ranges::replace(name, '/', '_');
    const std::string path = directory_ + "/" + name;
    write_smallest(found, path);
    texts_[key] = fmt::format("case {} {} ({})\n{}", case_group_name(mismatch.case_number), mismatch.case_name, key,
                              text_of(found));
    files_[key] = {path, &failure.kernel};
}

void TriageReport::print(const Kernels& kernels) const {
    if (!texts_.empty()) fmt::print("\ntriage: the first failure of each operation and kind\n");
    for (const auto& [key, text] : texts_) {
        const auto& [path, backend] = files_.at(key);
        std::string arguments;
        for (std::size_t i = 0; i < kernels.backends.size(); ++i) {
            if (kernels.backends[i].get() == backend) arguments = kernels.arguments[i];
        }
        fmt::print("{}\n    dfp16 verify {} --case 0{}\n", text, quoted(path), arguments);
    }
}

}  // namespace dfp16
