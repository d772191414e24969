// An average with another divisor.
#include "vectors/triage/geometry_variants.h"
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/pool_model.h"

namespace dfp16::triage {

void hypothesis::pool_divisor(const Evidence& evidence, Trial& trial) {
    if (evidence.inputs.op != OpKind::average_pool_forward) return;
    PoolModel model;
    model.geometry = window_geometry(evidence.inputs);
    model.divides_by_existing = true;
    if (const auto output = output_under(evidence.inputs, model)) {
        trial.offer("the divisor leaves out padding", *output);
    }
    model.divides_by_existing = false;
    model.divides_by_window = true;
    if (const auto output = output_under(evidence.inputs, model)) {
        trial.offer("the divisor of windows that are cut is that of whole ones", *output);
    }
}

}  // namespace dfp16::triage
