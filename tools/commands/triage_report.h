// verify --triage: explains the first failures of kernels.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "tools/commands/verify_kernels.h"
#include "vectors/triage/triage.h"
#include "vectors/verify.h"

namespace dfp16 {

class TriageReport {
public:
    /// Creates the directory if it is not there. Throws InputError where that fails.
    TriageReport(const std::string& directory, Backend& golden);
    /// One failure of each kernel, operation and kind; of more failures of the same, kMost in all. Writes its smallest
    /// case.
    void add(const Failure& failure);
    /// What was found, with commands, on stdout.
    void print(const Kernels& kernels) const;

private:
    static constexpr std::size_t kMost = 20;

    std::string directory_;
    Backend& golden_;
    std::map<std::string, std::string> texts_;  ///< "conv_forward bits on avx2" -> what is known
    std::map<std::string, std::pair<std::string, const Backend*>> files_;
};

}  // namespace dfp16
