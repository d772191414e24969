#include <set>

#include "vectors/triage/hypotheses.h"
#include "vectors/triage/tensor_axes.h"

namespace dfp16 {

namespace {

/// Where the operands along an axis of this size may end too early.
std::set<std::int64_t> early_ends(std::int64_t size) {
    std::set<std::int64_t> ends = {size - 1, size - 2};
    for (const std::int64_t block : {2, 4, 8, 16, 32, 64}) ends.insert(size / block * block);
    ends.erase(size);
    while (!ends.empty() && *ends.begin() < 0) ends.erase(ends.begin());
    return ends;
}

}  // namespace

/// Along every axis that is summed; an axis that is not summed gives zeros in the output, a tail that is not computed.
void dropped_tail(Candidates& candidates) {
    Case copy = candidates.failed();
    const bool products = accumulation_in(copy.params) != nullptr;
    const std::size_t inputs = products ? 2 : 1;
    const std::vector<Operand> operands = operands_of(copy).inputs;
    for (std::size_t i = 0; i < inputs; ++i) {
        for (std::size_t axis = 0; axis < operands[i].shape.rank(); ++axis) {
            for (const std::int64_t end : early_ends(operands[i].shape[axis])) {
                Case changed = candidates.failed();
                changed.inputs[i] = zeroed_from(changed.inputs[i], axis, end);
                candidates.add_run("dropped tail",
                                   operands[i].name + " from index " + std::to_string(end) + " of " +
                                       std::to_string(operands[i].shape[axis]) + " on along axis " +
                                       std::to_string(axis) + " (" + operands[i].axes + ") does not count",
                                   changed);
            }
        }
    }
}

}  // namespace dfp16
