#include <array>
#include <optional>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/tensor_axes.h"

namespace dfp16 {

namespace {

/// The axis of each input along which two neighbours are a pair (contract section 7).
std::optional<std::array<std::size_t, 2>> pair_axes(OpKind op) {
    switch (op) {
        case OpKind::gemm: return std::array<std::size_t, 2>{1, 0};
        case OpKind::conv_forward: return std::array<std::size_t, 2>{1, 1};
        case OpKind::conv_backward_data: return std::array<std::size_t, 2>{1, 0};
        case OpKind::conv_weight_gradient: return std::array<std::size_t, 2>{3, 3};
        case OpKind::fc_backward_data: return std::array<std::size_t, 2>{1, 0};
        case OpKind::fc_weight_gradient: return std::array<std::size_t, 2>{0, 0};
        case OpKind::vpmaddwd:
        case OpKind::vpdpwssd:
        case OpKind::vpdpwssds:
        case OpKind::vp4dpwssd:
        case OpKind::vp4dpwssds: return std::array<std::size_t, 2>{1, 1};
        default: return std::nullopt;
    }
}

}  // namespace

void pairs_swapped(Candidates& candidates) {
    const auto axes = pair_axes(candidates.failed().op);
    if (!axes) return;
    const std::vector<Operand> operands = operands_of(candidates.failed()).inputs;
    for (std::size_t i = 0; i < 2; ++i) {
        Case changed = candidates.failed();
        if (changed.inputs[i].type() != ElementType::mantissa) continue;
        changed.inputs[i] = with_neighbours_swapped(changed.inputs[i], (*axes)[i]);
        candidates.add_run("pairs swapped", "the two halves of each pair of " + operands[i].name + " are exchanged",
                           changed);
    }
}

}  // namespace dfp16
