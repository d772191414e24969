// A tensor of four dimensions read or written with channels innermost, or in another such order.
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/memory_order.h"

namespace dfp16::triage {

void hypothesis::tensor_layout(const Evidence& evidence, Trial& trial) {
    const Axes orders[] = {{0, 2, 3, 1}, {2, 3, 1, 0}, {2, 3, 0, 1}, {1, 2, 3, 0}};
    for (const Axes& axes : orders) {
        for (std::size_t input = 0; input < evidence.inputs.inputs.size(); ++input) {
            if (evidence.inputs.inputs[input].shape.rank() == 4) offer_input_order(evidence, trial, input, axes);
        }
        if (evidence.first_expected().shape.rank() == 4) offer_output_order(evidence, trial, axes);
    }
}

}  // namespace dfp16::triage
