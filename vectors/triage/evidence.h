// A mismatch as patterns and hypotheses see it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reference/interface/backend.h"
#include "vectors/case.h"
#include "vectors/operands.h"

namespace dfp16::triage {

/// Outputs as operands.outputs, of equal types and shapes in `expected` and `got`.
struct Evidence {
    Evidence(const Case& inputs_of_case, const std::vector<HostTensor>& expected_outputs,
             const std::vector<HostTensor>& got_outputs, Backend& golden_backend);

    const Case& inputs;
    const std::vector<HostTensor>& expected;
    const std::vector<HostTensor>& got;
    Backend& golden;
    Operands operands;
    std::vector<std::vector<std::int64_t>> differing;  ///< of each output, indices in ascending order
    std::size_t output = 0;                            ///< the first output that differs

    const HostTensor& first_expected() const { return expected[output]; }
    const HostTensor& first_got() const { return got[output]; }
    const std::vector<std::int64_t>& first_differing() const { return differing[output]; }
    const Operand& first_operand() const { return operands.outputs[output]; }
};

/// Whether types and shapes agree, so that there can be Evidence.
bool comparable(const std::vector<HostTensor>& expected, const std::vector<HostTensor>& got);

/// What golden makes of a changed case; nothing if it rejects it.
std::optional<std::vector<HostTensor>> golden_on(const Case& changed, Backend& golden);

}  // namespace dfp16::triage
