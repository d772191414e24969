// Another of a window's equal maxima gets the gradient.
#include "vectors/triage/geometry_variants.h"
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/pool_model.h"

namespace dfp16::triage {

void hypothesis::pool_ties(const Evidence& evidence, Trial& trial) {
    if (evidence.inputs.op != OpKind::max_pool_backward) return;
    PoolModel model;
    model.geometry = window_geometry(evidence.inputs);
    model.last_wins = true;
    if (const auto output = output_under(evidence.inputs, model)) {
        trial.offer("the last of equal maxima gets the gradient", *output);
    }
    model.all_win = true;
    if (const auto output = output_under(evidence.inputs, model)) {
        trial.offer("all of equal maxima get the gradient", *output);
    }
}

}  // namespace dfp16::triage
