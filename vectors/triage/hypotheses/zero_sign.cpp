// Zeros with the wrong sign: -0 for +0, or the other way round.
#include <cmath>

#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

void hypothesis::zero_sign(const Evidence& evidence, Trial& trial) {
    std::vector<HostTensor> positive = evidence.expected, negative = evidence.expected;
    for (std::size_t i = 0; i < evidence.expected.size(); ++i) {
        if (evidence.expected[i].type() != ElementType::fp32) continue;
        for (float& value : positive[i].fp32()) value = value == 0.0f ? 0.0f : value;
        for (float& value : negative[i].fp32()) value = value == 0.0f ? -0.0f : value;
    }
    trial.offer("+0 where -0 is right", positive);
    trial.offer("-0 where +0 is right", negative);
}

}  // namespace dfp16::triage
