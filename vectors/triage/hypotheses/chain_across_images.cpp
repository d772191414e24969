// Chains of a weight gradient that go on over the end of an image.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

void hypothesis::chain_across_images(const Evidence& evidence, Trial& trial) {
    if (evidence.inputs.op != OpKind::conv_weight_gradient) return;
    SumModel model = contract_model(evidence.inputs);
    if (model.kind != SumKind::chain) return;
    model.images_end_chains = false;
    offer_sums(evidence, trial, "chains go on over the end of an image", model);
}

}  // namespace dfp16::triage
