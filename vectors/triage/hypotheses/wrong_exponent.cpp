// Everything right but a power of two: results, or the exponent of a tensor.
#include <cmath>
#include <string>

#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

namespace {

/// k where got = expected * 2^k in the first of the differing elements that tells; 0: none.
int factor_of(const HostTensor& expected, const HostTensor& got, const std::vector<std::int64_t>& differing) {
    for (const std::int64_t index : differing) {
        const float right = expected.fp32()[static_cast<std::size_t>(index)];
        const float wrong = got.fp32()[static_cast<std::size_t>(index)];
        if (right == 0.0f || wrong == 0.0f || !std::isfinite(wrong)) continue;
        return std::ilogb(wrong) - std::ilogb(right);
    }
    return 0;
}

}  // namespace

void hypothesis::wrong_exponent(const Evidence& evidence, Trial& trial) {
    for (std::size_t i = 0; i < evidence.expected.size(); ++i) {
        const HostTensor& got = evidence.got[i];
        std::vector<HostTensor> answer = evidence.expected;
        if (got.type() == ElementType::fp32) {
            const int factor = factor_of(answer[i], got, evidence.differing[i]);
            if (factor == 0) continue;
            for (float& value : answer[i].fp32()) value = std::ldexp(value, factor);
            trial.offer("results times 2^" + std::to_string(factor), answer);
        } else if (got.exponent != answer[i].exponent) {
            const int offset = got.exponent.value - answer[i].exponent.value;
            answer[i].exponent = got.exponent;
            trial.offer("an exponent off by " + std::to_string(offset) + " on the right integers", answer);
        }
    }
}

}  // namespace dfp16::triage
