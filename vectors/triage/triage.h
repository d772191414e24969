// From a failing case to what is likely wrong: patterns, classes of bugs, a smallest case.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vectors/case.h"
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/shrink.h"

namespace dfp16::triage {

struct TriageOptions {
    ShrinkOptions shrink;
    /// Larger cases are diagnosed by the first smaller one that shrinking finds.
    std::int64_t most_products = std::int64_t{1} << 21;
};

struct Triage {
    OutcomeKind kind = OutcomeKind::mismatch;
    std::string failure;                ///< "wrong bits", or the kernel's error or fault
    std::vector<std::string> patterns;  ///< of the whole case; empty for what is no mismatch
    std::vector<Diagnosis> diagnoses;   ///< as diagnose() gives them
    std::string diagnosed_on;           ///< empty: the whole case; else the size of the smaller one
    Shrunken shrunken;
    std::string smallest;          ///< the shrunken case's operation and sizes
    std::string first_difference;  ///< of the shrunken case, or its fault
};

/// `outcome` is what the kernel made of the failing case (outcome_of()), `expected` golden's outputs. Runs the kernel
/// again, at most options.shrink.most_runs times, twice as often for a large case. Throws nothing of the kernel's.
Triage triage_of(const Case& failing, const std::vector<HostTensor>& expected, const Outcome& outcome, Backend& kernel,
                 Backend& golden, const TriageOptions& options);

/// Some ten lines, without a newline at the end.
std::string text_of(const Triage& triage);

/// Writes the shrunken case as a golden file of suite "triage". `generator`: program and version. Throws InputError.
void write_case(const std::string& path, const Triage& triage, const std::string& generator);

/// "dfp16 verify PATH --case 0 SUFFIX", the path as a shell takes it.
std::string reproduce_command(const std::string& path, const std::string& suffix);

}  // namespace dfp16::triage
