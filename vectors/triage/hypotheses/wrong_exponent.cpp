// Everything right but a power of two: results, mantissas, or the exponent of a tensor.
#include <cmath>
#include <string>

#include "vectors/triage/dfp_model.h"
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

void offer_results(const Evidence& evidence, Trial& trial) {
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

/// The exponent of an input ignored, or counted twice, before anything is rounded.
void offer_inputs(const Evidence& evidence, Trial& trial) {
    for (std::size_t i = 0; i < evidence.inputs.inputs.size(); ++i) {
        Case changed = evidence.inputs;
        int& exponent = changed.inputs[i].exponent.value;
        const int right = exponent;
        const std::string& name = evidence.operands.inputs[i].name;
        if (!evidence.operands.inputs[i].scaled || right == 0) continue;
        exponent = 0;
        trial.offer_golden("the exponent of " + name + " ignored", changed);
        exponent = 2 * right;
        trial.offer_golden("the exponent of " + name + " counted twice", changed);
        exponent = -right;
        trial.offer_golden("the exponent of " + name + " with the wrong sign", changed);
    }
}

/// Mantissas shifted by more or less, under the right exponent.
void offer_mantissas(const Evidence& evidence, Trial& trial) {
    if (!rounds_to_dfp(evidence.inputs.op)) return;
    DfpModel model = contract_model(evidence.inputs, rounding_of(evidence.inputs.params));
    for (const int offset : {-2, -1, 1, 2}) {
        model.exponent_offset = offset;
        HostTensor output = output_under(evidence.inputs, model);
        output.exponent = evidence.first_expected().exponent;
        trial.offer("mantissas times 2^" + std::to_string(-offset) + " under the right exponent", output);
    }
}

}  // namespace

void hypothesis::wrong_exponent(const Evidence& evidence, Trial& trial) {
    offer_results(evidence, trial);
    offer_inputs(evidence, trial);
    offer_mantissas(evidence, trial);
}

}  // namespace dfp16::triage
