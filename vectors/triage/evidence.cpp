#include "vectors/triage/evidence.h"

#include "reference/compare.h"
#include "sim/types/error.h"

namespace dfp16::triage {

Evidence::Evidence(const Case& inputs_of_case, const std::vector<HostTensor>& expected_outputs,
                   const std::vector<HostTensor>& got_outputs, Backend& golden_backend)
    : inputs(inputs_of_case),
      expected(expected_outputs),
      got(got_outputs),
      golden(golden_backend),
      operands(operands_of(inputs_of_case)),
      differing(expected_outputs.size()) {
    bool found = false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!compare(expected[i], got[i])) continue;
        if (!found) output = i;
        found = true;
        for (std::int64_t j = 0; j < expected[i].elements(); ++j) {
            if (expected[i].bits(j) != got[i].bits(j)) differing[i].push_back(j);
        }
    }
}

bool comparable(const std::vector<HostTensor>& expected, const std::vector<HostTensor>& got) {
    if (expected.size() != got.size()) return false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (expected[i].type() != got[i].type() || expected[i].shape != got[i].shape) return false;
    }
    return true;
}

std::optional<std::vector<HostTensor>> golden_on(const Case& changed, Backend& golden) {
    try {
        return run(changed, golden);
    } catch (const InputError&) {
        return std::nullopt;
    }
}

}  // namespace dfp16::triage
