// The window moved by another stride than the case's; output sizes stay.
#include "vectors/triage/geometry_variants.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

void hypothesis::wrong_stride(const Evidence& evidence, Trial& trial) {
    if (!has_window(evidence.inputs)) return;
    const Geometry right = window_geometry(evidence.inputs);
    const auto with = [&](std::int64_t h, std::int64_t w) {
        Geometry geometry = right;
        geometry.stride = {h, w};
        if (h < 1 || w < 1 || geometry.stride == right.stride) return;
        offer_geometry(evidence, trial, stride_words(geometry, right), geometry);
    };
    const auto [h, w] = right.stride;
    with(w, h);
    with(1, 1);
    with(h, h);
    with(w, w);
    for (const std::int64_t by : {-1, 1}) {
        with(h + by, w + by);
        with(h + by, w);
        with(h, w + by);
    }
}

}  // namespace dfp16::triage
