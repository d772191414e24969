// What is wrong with a kernel that fails a case: where it differs, which known bug would answer so, the smallest case
// that shows it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vectors/case.h"
#include "vectors/triage/shrink.h"

namespace dfp16 {

/// A hypothesis, and how much of the kernel's answer it explains.
struct Diagnosis {
    std::string class_name;  ///< "wrong rounding mode"
    std::string words;       ///< "as toward-zero gives"
    double explained =
        0;  ///< share of the elements that golden or the hypothesis has otherwise than the other; 1: all bits
};

struct Triage {
    std::vector<std::string> patterns;
    std::vector<Diagnosis> diagnoses;  ///< the best first; those that explain everything, or one that explains most
    Case smallest;                     ///< still fails; its outputs are golden's
    std::string difference;            ///< of the smallest case, one line
};

struct TriageOptions {
    ShrinkLimits limits{};
};

/// The hypotheses that explain the kernel's outputs best; none for fewer than half of what differs.
std::vector<Diagnosis> diagnose(const Case& failed, const std::vector<HostTensor>& expected,
                                const std::vector<HostTensor>& got, Backend& golden);

/// `got`: the kernel's outputs; empty where it failed otherwise, as `kind` says (Mismatch::kind). Runs the kernel
/// again.
Triage triage(const Case& failed, const std::vector<HostTensor>& expected, const std::vector<HostTensor>& got,
              const std::string& kind, Backend& kernel, Backend& golden, const TriageOptions& options);

/// Several lines without a newline at the end.
std::string text_of(const Triage& triage);

/// The smallest case as a golden file of one case. Throws InputError for an unwritable place.
void write_smallest(const Triage& triage, const std::string& path);

}  // namespace dfp16
