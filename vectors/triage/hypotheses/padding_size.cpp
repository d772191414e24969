// The window placed with another padding than the case's; output sizes stay.
#include <utility>

#include "vectors/triage/geometry_variants.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

void hypothesis::padding_size(const Evidence& evidence, Trial& trial) {
    if (!has_window(evidence.inputs)) return;
    const Geometry right = window_geometry(evidence.inputs);
    for (const auto& [h, w] : {std::pair{-1, -1}, {1, 1}, {-1, 0}, {0, -1}, {1, 0}, {0, 1}}) {
        Geometry geometry = right;
        geometry.pad = {right.pad[0] + h, right.pad[1] + w};
        if (geometry.pad[0] < 0 || geometry.pad[1] < 0) continue;
        offer_geometry(evidence, trial, padding_words(geometry, right), geometry);
    }
    Geometry none = right;
    none.pad = {0, 0};
    offer_geometry(evidence, trial, padding_words(none, right), none);
    Geometry exchanged = right;
    std::swap(exchanged.pad[0], exchanged.pad[1]);
    offer_geometry(evidence, trial, padding_words(exchanged, right), exchanged);
}

}  // namespace dfp16::triage
