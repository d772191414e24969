#include "vectors/triage/patterns.h"

#include <fmt/format.h>

namespace dfp16::triage {

std::vector<std::string> patterns_of(const Evidence& evidence, bool with_sums) {
    std::vector<std::string> lines;
    add_counts(evidence, lines);
    add_places(evidence, lines);
    add_values(evidence, lines);
    add_moves(evidence, lines);
    add_causes(evidence, with_sums, lines);
    return lines;
}

void add_counts(const Evidence& evidence, std::vector<std::string>& lines) {
    for (std::size_t i = 0; i < evidence.expected.size(); ++i) {
        const std::size_t differing = evidence.differing[i].size();
        const HostTensor& expected = evidence.expected[i];
        const std::string& name = evidence.operands.outputs[i].name;
        if (differing > 0) {
            const bool all = static_cast<std::int64_t>(differing) == expected.elements();
            lines.push_back(all ? fmt::format("{}: all {} elements differ", name, differing)
                                : fmt::format("{}: {} of {} elements differ, the first at {}", name, differing,
                                              expected.elements(),
                                              expected.shape.coordinates(evidence.differing[i][0])));
        } else if (expected.exponent != evidence.got[i].exponent) {
            lines.push_back(name + ": only the exponent differs");
        } else if (evidence.expected.size() > 1) {
            lines.push_back(name + ": right");
        }
    }
}

}  // namespace dfp16::triage
