// Two axes of an operand, or of the output, exchanged in memory, or both operands exchanged.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/memory_order.h"
#include "vectors/triage/sum_model.h"

namespace dfp16::triage {

namespace {

/// a and b read from each other's memory, where both have as many elements.
void offer_exchanged(const Evidence& evidence, Trial& trial) {
    Case changed = evidence.inputs;
    if (changed.inputs[0].elements() != changed.inputs[1].elements()) return;
    std::swap(changed.inputs[0].data, changed.inputs[1].data);
    std::swap(changed.inputs[0].exponent, changed.inputs[1].exponent);
    trial.offer_golden(evidence.operands.inputs[0].name + " and " + evidence.operands.inputs[1].name + " exchanged",
                       changed);
}

}  // namespace

void hypothesis::transposed_operand(const Evidence& evidence, Trial& trial) {
    if (!is_sum_of_products(evidence.inputs.op)) return;
    const Axes conv[] = {{1, 0, 2, 3}, {0, 1, 3, 2}};
    const Axes matrix[] = {{1, 0, 2, 3}};
    for (const std::size_t input : {std::size_t{0}, std::size_t{1}}) {
        const bool four = evidence.inputs.inputs[input].shape.rank() == 4;
        for (const Axes& axes : four ? std::span<const Axes>(conv) : std::span<const Axes>(matrix)) {
            offer_input_order(evidence, trial, input, axes);
        }
    }
    const bool four = evidence.first_expected().shape.rank() == 4;
    for (const Axes& axes : four ? std::span<const Axes>(conv) : std::span<const Axes>(matrix)) {
        offer_output_order(evidence, trial, axes);
    }
    offer_exchanged(evidence, trial);
}

}  // namespace dfp16::triage
