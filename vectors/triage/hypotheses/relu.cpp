// A ReLU that is missing, too much, or in another place.
#include <algorithm>

#include "vectors/triage/dfp_model.h"
#include "vectors/triage/hypotheses.h"

namespace dfp16::triage {

namespace {

/// An input where the output has its type and shape.
HostTensor as_output(const Evidence& evidence, const HostTensor& input) {
    HostTensor output = evidence.first_expected();
    output.data = input.data;
    output.exponent = input.exponent;
    return output;
}

void clear_negatives(HostTensor& tensor) {
    switch (tensor.type()) {
        case ElementType::mantissa:
            for (Mantissa& m : tensor.mantissas()) m.value = std::max<std::int16_t>(m.value, 0);
            break;
        case ElementType::accumulator:
            for (Accumulator& a : tensor.accumulators()) a.value = std::max(a.value, 0);
            break;
        case ElementType::fp32:
            for (float& f : tensor.fp32()) f = f > 0.0f ? f : 0.0f;
            break;
        case ElementType::label: break;
    }
}

void offer_of_add(const Evidence& evidence, Trial& trial) {
    Case changed = evidence.inputs;
    auto& params = std::get<AddParams>(changed.params);
    params.relu = !params.relu;
    trial.offer_golden(params.relu ? "a ReLU that the case does not ask for" : "the ReLU is missing", changed);
    if (params.relu) return;
    DfpModel model = contract_model(evidence.inputs, params.rounding);
    model.late_relu = true;
    trial.offer("the ReLU comes after the exponent is chosen", output_under(evidence.inputs, model));
}

void offer_of_backward(const Evidence& evidence, Trial& trial) {
    const HostTensor& dy = evidence.inputs.inputs[0];
    const HostTensor& y = evidence.inputs.inputs[1];
    trial.offer("the mask is missing", as_output(evidence, dy));
    HostTensor with_zeros = as_output(evidence, dy);
    for (std::int64_t i = 0; i < dy.elements(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        const bool negative = y.type() == ElementType::fp32 ? y.fp32()[at] < 0.0f : y.mantissas()[at].value < 0;
        if (!negative) continue;
        if (dy.type() == ElementType::fp32) {
            with_zeros.fp32()[at] = 0.0f;
        } else {
            with_zeros.mantissas()[at].value = 0;
        }
    }
    trial.offer("gradients also pass where y is 0", with_zeros);
}

}  // namespace

void hypothesis::relu(const Evidence& evidence, Trial& trial) {
    const Case& inputs = evidence.inputs;
    switch (inputs.op) {
        case OpKind::add: offer_of_add(evidence, trial); break;
        case OpKind::relu_forward: trial.offer("the ReLU is missing", as_output(evidence, inputs.inputs[0])); break;
        case OpKind::relu_backward: offer_of_backward(evidence, trial); break;
        default: break;
    }
    std::vector<HostTensor> positive = evidence.expected;
    clear_negatives(positive[evidence.output]);
    trial.offer("a ReLU that the operation does not have", positive);
}

}  // namespace dfp16::triage
