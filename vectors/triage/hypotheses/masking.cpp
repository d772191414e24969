#include "vectors/triage/hypotheses.h"

namespace dfp16 {

/// Masked lanes of the other kind. VPMADDWD has an operand to keep only where it merges.
void masking(Candidates& candidates) {
    constexpr const char* kClass = "wrong masking";
    Case changed = candidates.failed();
    auto* params = std::get_if<InstructionParams>(&changed.params);
    if (params == nullptr || params->masking == Masking::none || changed.op == OpKind::vpmaddwd) return;
    const bool merge = params->masking == Masking::merge;
    params->masking = merge ? Masking::zero : Masking::merge;
    candidates.add_run(kClass, merge ? "masked lanes are zero" : "masked lanes keep c", changed);
    params->masking = Masking::none;
    changed.inputs.pop_back();  // k
    candidates.add_run(kClass, "the mask is ignored", changed);
}

}  // namespace dfp16
