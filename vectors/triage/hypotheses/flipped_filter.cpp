// Filters rotated by 180 degrees: convolution where the contract correlates.
#include "vectors/triage/geometry_variants.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

void hypothesis::flipped_filter(const Evidence& evidence, Trial& trial) {
    if (!std::holds_alternative<ConvParams>(evidence.inputs.params)) return;
    Geometry geometry = geometry_of(evidence.inputs);
    geometry.flipped = true;
    offer_geometry(evidence, trial, "filters rotated by 180 degrees", geometry);
}

}  // namespace dfp16::triage
