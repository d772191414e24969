#include "vectors/triage/triage.h"

#include <fmt/format.h>

#include <algorithm>

#include "reference/compare.h"
#include "sim/types/contract_version.h"
#include "sim/types/error.h"
#include "vectors/golden_file.h"
#include "vectors/kernel_fault.h"
#include "vectors/params_json.h"
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/patterns.h"

namespace dfp16 {

namespace {

/// Of those that explain as much, the first is told first.
constexpr void (*kHypotheses[])(Candidates&) = {
    rounding_mode, saturation, missing_spill, chain_length,      exponent,     pairs_swapped, unsigned_operand,
    transposed,    padding,    masking,       stale_accumulator, dropped_tail, relu,
};

constexpr double kWorthTelling = 0.5;

/// Of the elements that one of both has otherwise than golden, those that both have alike; 1 needs equal exponents too.
double explained_by(const std::vector<HostTensor>& candidate, const std::vector<HostTensor>& expected,
                    const std::vector<HostTensor>& got) {
    std::int64_t concerned = 0;
    std::int64_t alike = 0;
    bool equal = true;
    for (std::size_t t = 0; t < expected.size(); ++t) {
        if (got[t].type() != expected[t].type() || got[t].shape != expected[t].shape) return 0;
        equal = equal && !compare(candidate[t], got[t]);
        for (std::int64_t i = 0; i < expected[t].elements(); ++i) {
            const bool by_got = got[t].bits(i) != expected[t].bits(i);
            const bool by_candidate = candidate[t].bits(i) != expected[t].bits(i);
            concerned += by_got || by_candidate;
            alike += by_got && candidate[t].bits(i) == got[t].bits(i);
        }
    }
    if (equal) return 1;
    return concerned == 0 ? 0 : std::min(0.99, static_cast<double>(alike) / static_cast<double>(concerned));
}

/// How the kernel does on a case, in the words of Mismatch::kind; empty: all bits equal, or nobody takes it.
std::string kind_of(const Case& tried, Backend& kernel, Backend& golden, std::vector<HostTensor>& expected,
                    std::vector<HostTensor>& got) {
    try {
        expected = run(tried, golden);
    } catch (const InputError&) {
        return "";
    }
    try {
        got = run(tried, kernel);
    } catch (const UnsupportedOperation&) {
        return "";
    } catch (const KernelFault& fault) {
        return name_of(fault.kind());
    } catch (const InputError&) {
        return "rejected";
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (compare(expected[i], got[i])) return "bits";
    }
    return "";
}

std::string first_difference(const Case& smallest, const std::vector<HostTensor>& expected,
                             const std::vector<HostTensor>& got, const std::string& kind) {
    if (kind != "bits") return kind;
    const std::vector<Operand> operands = operands_of(smallest).outputs;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto difference = compare(expected[i], got[i]);
        if (difference) return describe(operands[i].name, operands[i].axes, expected[i], got[i], *difference);
    }
    return "nothing any more: the kernel answers differently each time";
}

}  // namespace

std::vector<Diagnosis> diagnose(const Case& failed, const std::vector<HostTensor>& expected,
                                const std::vector<HostTensor>& got, Backend& golden) {
    Candidates candidates(failed, expected, golden);
    for (const auto hypothesis : kHypotheses) hypothesis(candidates);
    std::vector<Diagnosis> diagnoses;
    for (const Candidate& candidate : candidates.list()) {
        const double explained = explained_by(candidate.outputs, expected, got);
        if (explained >= kWorthTelling) diagnoses.push_back({candidate.class_name, candidate.words, explained});
    }
    std::ranges::stable_sort(diagnoses, std::ranges::greater{}, &Diagnosis::explained);
    const auto partial = std::ranges::find_if(diagnoses, [](const Diagnosis& d) { return d.explained < 1; });
    const auto kept = std::max<std::ptrdiff_t>(1, partial - diagnoses.begin());
    if (static_cast<std::ptrdiff_t>(diagnoses.size()) > kept) diagnoses.resize(static_cast<std::size_t>(kept));
    return diagnoses;
}

Triage triage(const Case& failed, const std::vector<HostTensor>& expected, const std::vector<HostTensor>& got,
              const std::string& kind, Backend& kernel, Backend& golden, const TriageOptions& options) {
    Triage result;
    if (kind == "bits") {
        result.patterns = patterns_of(failed, expected, got);
        result.diagnoses = diagnose(failed, expected, got, golden);
    }
    std::vector<HostTensor> now_expected;
    std::vector<HostTensor> now_got;
    const auto fails = [&](const Case& tried) { return kind_of(tried, kernel, golden, now_expected, now_got) == kind; };
    result.smallest = shrink(failed, fails, options.limits);
    result.smallest.name = failed.name + "/smallest";
    const std::string last = kind_of(result.smallest, kernel, golden, now_expected, now_got);
    result.smallest.outputs = now_expected;
    result.difference = first_difference(result.smallest, now_expected, now_got, last);
    return result;
}

std::string text_of(const Triage& triage) {
    std::string text;
    for (const std::string& pattern : triage.patterns) text += "  pattern: " + pattern + "\n";
    for (const Diagnosis& d : triage.diagnoses) {
        text += d.explained >= 1 ? fmt::format("  class: {}: {}; explains every bit\n", d.class_name, d.words)
                                 : fmt::format("  class, perhaps: {}: {}; explains {:.0f} % of what differs\n",
                                               d.class_name, d.words, 100 * d.explained);
    }
    if (triage.diagnoses.empty() && !triage.patterns.empty()) text += "  class: none of the known ones\n";
    text += fmt::format("  smallest case that fails: {} {}\n", name_of(triage.smallest.op),
                        params_to_json(triage.smallest));
    return text + "    " + triage.difference;
}

void write_smallest(const Triage& triage, const std::string& path) {
    GoldenWriter writer(path, {kContractVersion, "triage", 1, 0, "dfp16 verify --triage"});
    writer.add(triage.smallest);
    writer.commit();
}

}  // namespace dfp16
