// Padding that is not zero, or that takes part in a maximum.
#include "vectors/triage/geometry_variants.h"
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/pool_model.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

namespace {

void offer_sum_values(const Evidence& evidence, Trial& trial) {
    SumModel model = contract_model(evidence.inputs);
    if (model.kind == SumKind::fma || evidence.inputs.op == OpKind::conv_backward_data) return;
    for (const std::int64_t value : {1, -1, 32767, -32768}) {
        model.padding_value = value;
        offer_sums(evidence, trial, "padding of mantissas " + std::to_string(value) + " instead of 0", model);
    }
}

void offer_pool_zeros(const Evidence& evidence, Trial& trial) {
    if (!has_pool_model(evidence.inputs.op) || evidence.inputs.op == OpKind::average_pool_forward) return;
    PoolModel model;
    model.geometry = window_geometry(evidence.inputs);
    model.zeros_compete = true;
    if (const auto output = output_under(evidence.inputs, model)) {
        trial.offer("padding takes part in the maximum as zeros", *output);
    }
    model.zeros_compete = false;
    model.from_zero = true;
    if (const auto output = output_under(evidence.inputs, model)) trial.offer("the maximum starts at zero", *output);
}

}  // namespace

void hypothesis::padding_value(const Evidence& evidence, Trial& trial) {
    if (!has_window(evidence.inputs)) return;
    Geometry replicate = window_geometry(evidence.inputs);
    replicate.replicate = true;
    offer_geometry(evidence, trial, "padding repeats the border", replicate);
    if (std::holds_alternative<PoolParams>(evidence.inputs.params)) {
        offer_pool_zeros(evidence, trial);
    } else {
        offer_sum_values(evidence, trial);
    }
}

}  // namespace dfp16::triage
