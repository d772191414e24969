#include <cmath>

#include "vectors/triage/hypotheses.h"

namespace dfp16 {

namespace {

constexpr const char* kClass = "wrong exponent";

/// Every output in FP32 times 2^k; others with k more in the exponent.
std::vector<HostTensor> scaled(const std::vector<HostTensor>& outputs, int k) {
    std::vector<HostTensor> results = outputs;
    for (HostTensor& result : results) {
        if (result.type() == ElementType::fp32) {
            for (float& value : result.fp32()) value = std::ldexp(value, k);
        } else if (result.type() != ElementType::label) {
            result.exponent.value += k;
        }
    }
    return results;
}

}  // namespace

void exponent(Candidates& candidates) {
    for (int k = -16; k <= 16; ++k) {
        if (k == 0) continue;
        const std::string by = "results are off by 2^" + std::to_string(k);
        candidates.add(kClass, by, scaled(candidates.expected(), k));
    }
    Case changed = candidates.failed();
    RoundingParams* rounding = rounding_in(changed.params);
    if (rounding == nullptr) return;
    const int own = rounding->headroom;
    for (rounding->headroom = 0; rounding->headroom <= kHeadroomMax; ++rounding->headroom) {
        if (rounding->headroom == own) continue;
        candidates.add_run(
            kClass, "headroom " + std::to_string(rounding->headroom) + ", expected " + std::to_string(own), changed);
    }
}

}  // namespace dfp16
