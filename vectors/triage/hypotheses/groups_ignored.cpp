// Every group of a convolution reads the channels of the first.
#include "vectors/triage/geometry_variants.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

void hypothesis::groups_ignored(const Evidence& evidence, Trial& trial) {
    const auto* conv = std::get_if<ConvParams>(&evidence.inputs.params);
    if (conv == nullptr || conv->groups == 1) return;
    Geometry geometry = geometry_of(evidence.inputs);
    geometry.one_group = true;
    offer_geometry(evidence, trial, "every group reads the channels of group 0", geometry);
}

}  // namespace dfp16::triage
