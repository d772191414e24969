// Subnormal FP32 results, or operands, become zero.
#include <cmath>

#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

namespace {

void flush(HostTensor& tensor, bool keep_sign) {
    for (float& value : tensor.fp32()) {
        if (std::fpclassify(value) == FP_SUBNORMAL) value = keep_sign ? std::copysign(0.0f, value) : 0.0f;
    }
}

}  // namespace

void hypothesis::flush_to_zero(const Evidence& evidence, Trial& trial) {
    std::vector<HostTensor> kept_sign = evidence.expected, positive = evidence.expected;
    for (std::size_t i = 0; i < evidence.expected.size(); ++i) {
        if (evidence.expected[i].type() != ElementType::fp32) continue;
        flush(kept_sign[i], true);
        flush(positive[i], false);
    }
    trial.offer("subnormal results become zero, their sign kept", kept_sign);
    trial.offer("subnormal results become +0", positive);
    Case changed = evidence.inputs;
    for (HostTensor& input : changed.inputs) {
        if (input.type() == ElementType::fp32) flush(input, true);
    }
    trial.offer_golden("subnormal operands count as zero", changed);
    if (const auto outputs = golden_on(changed, evidence.golden)) {
        std::vector<HostTensor> both = *outputs;
        for (HostTensor& output : both) {
            if (output.type() == ElementType::fp32) flush(output, true);
        }
        trial.offer("subnormal operands count as zero, subnormal results become zero", both);
    }
}

}  // namespace dfp16::triage
