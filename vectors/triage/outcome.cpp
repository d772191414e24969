#include "vectors/triage/outcome.h"

#include "reference/compare.h"
#include "sim/types/error.h"

namespace dfp16::triage {

Outcome outcome_of(const std::vector<HostTensor>& expected, std::vector<HostTensor> got) {
    bool equal = expected.size() == got.size();
    for (std::size_t i = 0; equal && i < expected.size(); ++i) equal = !compare(expected[i], got[i]);
    return {equal ? OutcomeKind::right : OutcomeKind::mismatch, {}, {}, std::move(got)};
}

Outcome outcome_of(const Case& inputs, const std::vector<HostTensor>& expected, Backend& kernel) {
    try {
        return outcome_of(expected, run(inputs, kernel));
    } catch (const KernelFault& fault) {
        return {OutcomeKind::fault, fault.kind(), fault.what(), {}};
    } catch (const UnsupportedOperation& error) {
        return {OutcomeKind::unsupported, {}, error.what(), {}};
    } catch (const InputError& error) {
        return {OutcomeKind::rejected, {}, error.what(), {}};
    }
}

bool same_failure(const Outcome& one, const Outcome& other) {
    return one.kind == other.kind && (one.kind != OutcomeKind::fault || one.fault == other.fault);
}

}  // namespace dfp16::triage
