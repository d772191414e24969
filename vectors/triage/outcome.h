// What a kernel under test makes of one case.
#pragma once

#include <string>
#include <vector>

#include "reference/interface/backend.h"
#include "vectors/case.h"
#include "vectors/kernel_fault.h"

namespace dfp16::triage {

enum class OutcomeKind {
    right,        ///< golden's bits
    mismatch,     ///< other bits
    rejected,     ///< an InputError for what golden takes
    fault,        ///< a KernelFault
    unsupported,  ///< not implemented there: no failure
};

struct Outcome {
    OutcomeKind kind = OutcomeKind::right;
    FaultKind fault = FaultKind::crash;  ///< counts with kind fault
    std::string text;                    ///< of the error or fault
    std::vector<HostTensor> outputs;     ///< with kind right or mismatch

    bool fails() const { return kind != OutcomeKind::right && kind != OutcomeKind::unsupported; }
};

/// Of outputs that are there already.
Outcome outcome_of(const std::vector<HostTensor>& expected, std::vector<HostTensor> got);
/// Runs the kernel.
Outcome outcome_of(const Case& inputs, const std::vector<HostTensor>& expected, Backend& kernel);

/// The same kind, and the same kind of fault.
bool same_failure(const Outcome& one, const Outcome& other);

}  // namespace dfp16::triage
