// verify --triage: explains the first failures of kernels.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tools/commands/verify_kernels.h"
#include "vectors/triage/triage.h"
#include "vectors/verify.h"

namespace dfp16 {

class TriageReport {
public:
    /// Creates the directory if it is not there. Throws InputError where that fails.
    TriageReport(const std::string& directory, Backend& golden);
    /// The first failure of each kernel, operation and kind (kMost of those) is explained and its smallest case
    /// written; of more of the same, kDiagnosed in all, classes are counted.
    void add(const Failure& failure);
    /// What was found, with commands, on stdout.
    void print(const Kernels& kernels) const;

private:
    static constexpr std::size_t kMost = 20;
    static constexpr std::int64_t kDiagnosed = 12;
    static constexpr std::int64_t kMostElements = 20'000;  ///< of the inputs of a case that is diagnosed in addition

    /// What the failures of one operation and kind on one kernel have in common.
    struct Kind {
        std::string text;  ///< of the first
        std::string path;  ///< of its smallest case
        const Backend* kernel = nullptr;
        std::int64_t diagnosed = 0;
        std::map<std::string, std::int64_t> classes;  ///< how many of those a class explains to the last bit
    };
    /// False if the kernel does not fail any more.
    bool explain(const std::string& key, const Failure& failure);
    void diagnose(Kind& kind, const Failure& failure);

    std::string directory_;
    Backend& golden_;
    std::map<std::string, Kind> kinds_;  ///< by "conv_forward, bits on avx2"
};

}  // namespace dfp16
