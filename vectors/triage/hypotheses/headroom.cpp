// Mantissas with another headroom, or an exponent that comes late by one or two.
#include <string>

#include "vectors/triage/dfp_model.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

void hypothesis::headroom(const Evidence& evidence, Trial& trial) {
    if (!rounds_to_dfp(evidence.inputs.op) || evidence.inputs.op == OpKind::concat_forward) return;
    const int right = rounding_of(evidence.inputs.params).headroom;
    for (int headroom = 0; headroom <= kHeadroomMax; ++headroom) {
        Case changed = evidence.inputs;
        rounding_of(changed.params).headroom = headroom;
        if (headroom == right) continue;
        trial.offer_golden("headroom of " + std::to_string(headroom) + " instead of " + std::to_string(right), changed);
    }
    for (const int offset : {-2, -1, 1, 2}) {
        DfpModel model = contract_model(evidence.inputs, rounding_of(evidence.inputs.params));
        model.exponent_offset = offset;
        const std::string by = std::to_string(offset < 0 ? -offset : offset);
        trial.offer("the exponent too " + std::string(offset < 0 ? "small" : "large") + " by " + by +
                        ", mantissas rounded and clamped to match",
                    output_under(evidence.inputs, model));
    }
}

}  // namespace dfp16::triage
