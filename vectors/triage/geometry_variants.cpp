#include "vectors/triage/geometry_variants.h"

#include <fmt/format.h>

#include "vectors/triage/pool_model.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

bool has_pool_model(OpKind op) {
    return op == OpKind::max_pool_forward || op == OpKind::max_pool_backward || op == OpKind::average_pool_forward;
}

bool has_window(const CaseHeader& header) {
    return std::holds_alternative<ConvParams>(header.params) || has_pool_model(header.op);
}

Geometry window_geometry(const CaseHeader& header) {
    Geometry geometry = geometry_of(header);
    if (const auto* pool = std::get_if<PoolParams>(&header.params)) {
        geometry.stride = pool->stride;
        geometry.pad = pool->pad;
    }
    return geometry;
}

void offer_geometry(const Evidence& evidence, Trial& trial, const std::string& words, const Geometry& geometry) {
    if (has_pool_model(evidence.inputs.op)) {
        PoolModel model;
        model.geometry = geometry;
        if (const auto output = output_under(evidence.inputs, model)) trial.offer(words, *output);
        return;
    }
    SumModel model = contract_model(evidence.inputs);
    model.geometry = geometry;
    offer_sums(evidence, trial, words, model);
}

std::string padding_words(const Geometry& wrong, const Geometry& right) {
    return fmt::format("padding ({},{}) instead of ({},{})", wrong.pad[0], wrong.pad[1], right.pad[0], right.pad[1]);
}

std::string stride_words(const Geometry& wrong, const Geometry& right) {
    return fmt::format("stride ({},{}) instead of ({},{})", wrong.stride[0], wrong.stride[1], right.stride[0],
                       right.stride[1]);
}

}  // namespace dfp16::triage
