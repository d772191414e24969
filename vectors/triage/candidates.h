// What kernels with known bugs would answer to a case.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vectors/case.h"

namespace dfp16 {

struct Candidate {
    std::string class_name;  ///< "wrong rounding mode"
    std::string words;       ///< "as toward-zero gives"
    std::vector<HostTensor> outputs;
};

/// A failing case, from which hypotheses make candidates.
class Candidates {
public:
    /// `expected`: golden's outputs. All must outlive this.
    Candidates(const Case& failed, const std::vector<HostTensor>& expected, Backend& golden)
        : failed_(failed), expected_(expected), golden_(golden) {}

    const Case& failed() const { return failed_; }
    const std::vector<HostTensor>& expected() const { return expected_; }
    const std::vector<Candidate>& list() const { return list_; }

    /// Answers of the shapes of the expected ones; others, and the expected answer itself, are left out.
    void add(const char* class_name, const std::string& words, std::vector<HostTensor> outputs);
    /// What golden answers to a changed case; nothing if it rejects it.
    void add_run(const char* class_name, const std::string& words, const Case& changed);
    /// What golden answers to a changed case, or nothing.
    std::vector<HostTensor> run_golden(const Case& changed) const;

private:
    const Case& failed_;
    const std::vector<HostTensor>& expected_;
    Backend& golden_;
    std::vector<Candidate> list_;
};

/// The accumulation of a sum of products, and the rounding of what rounds; null for other operations. Into `params`.
Accumulation* accumulation_in(OpParams& params);
RoundingParams* rounding_in(OpParams& params);

}  // namespace dfp16
