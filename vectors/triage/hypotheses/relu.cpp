#include "vectors/triage/hypotheses.h"

namespace dfp16 {

void relu(Candidates& candidates) {
    Case changed = candidates.failed();
    if (auto* add = std::get_if<AddParams>(&changed.params)) {
        add->relu = !add->relu;
        candidates.add_run(add->relu ? "ReLU too many" : "missing ReLU", "as add gives", changed);
        return;
    }
    if (changed.op == OpKind::relu_forward) {
        candidates.add("missing ReLU", "y is x", {changed.inputs[0]});
        return;
    }
    std::vector<HostTensor> rectified = candidates.expected();
    for (HostTensor& output : rectified) {
        if (output.type() == ElementType::fp32) {
            for (float& value : output.fp32()) value = value > 0.0f ? value : 0.0f;
        } else if (output.type() == ElementType::accumulator) {
            for (Accumulator& value : output.accumulators()) value.value = std::max(value.value, 0);
        } else if (output.type() == ElementType::mantissa) {
            for (Mantissa& value : output.mantissas()) value.value = std::max<std::int16_t>(value.value, 0);
        }
    }
    candidates.add("ReLU too many", "negative results are zero", rectified);
}

}  // namespace dfp16
