// Mantissas that leave the headroom's range by rounding, and are not clamped to it.
#include "vectors/triage/dfp_model.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

void hypothesis::unclamped(const Evidence& evidence, Trial& trial) {
    if (!rounds_to_dfp(evidence.inputs.op)) return;
    DfpModel model = contract_model(evidence.inputs, rounding_of(evidence.inputs.params));
    model.clamps = false;
    trial.offer("mantissas that round beyond the headroom's range are not clamped",
                output_under(evidence.inputs, model));
}

}  // namespace dfp16::triage
