#include "vectors/triage/triage.h"

#include <fmt/format.h>

#include "reference/compare.h"
#include "sim/types/contract_version.h"
#include "vectors/golden_file.h"
#include "vectors/params_json.h"
#include "vectors/shell_word.h"
#include "vectors/triage/patterns.h"
#include "vectors/triage/terms.h"

namespace dfp16::triage {

namespace {

std::string words_of(const Outcome& outcome) {
    switch (outcome.kind) {
        case OutcomeKind::right: return "right";
        case OutcomeKind::unsupported: return "unsupported: " + outcome.text;
        case OutcomeKind::mismatch: return "wrong bits";
        case OutcomeKind::rejected: return "rejects what golden takes: " + outcome.text;
        case OutcomeKind::fault: return std::string(name_of(outcome.fault)) + ": " + outcome.text;
    }
    return "?";
}

bool fits(const Case& inputs, std::int64_t most_products) {
    return !is_sum_of_products(inputs.op) || products_of(inputs) <= most_products;
}

std::string first_difference(const Shrunken& shrunken) {
    if (shrunken.outcome.kind != OutcomeKind::mismatch) return words_of(shrunken.outcome);
    const Operands operands = operands_of(shrunken.smallest);
    for (std::size_t i = 0; i < shrunken.smallest.outputs.size(); ++i) {
        const HostTensor& expected = shrunken.smallest.outputs[i];
        const HostTensor& got = shrunken.outcome.outputs[i];
        const auto difference = compare(expected, got);
        if (difference) {
            return describe(operands.outputs[i].name, operands.outputs[i].axes, expected, got, *difference);
        }
    }
    return "none";
}

class Investigation {
public:
    Investigation(const Case& failing, const std::vector<HostTensor>& expected, const Outcome& outcome, Backend& kernel,
                  Backend& golden, const TriageOptions& options)
        : failing_(failing), outcome_(outcome), kernel_(kernel), golden_(golden), options_(options) {
        failing_.outputs = expected;
    }

    Triage all() {
        triage_.kind = outcome_.kind;
        triage_.failure = words_of(outcome_);
        if (outcome_.kind == OutcomeKind::mismatch) explain();
        triage_.shrunken = shrink(failing_, outcome_, kernel_, golden_, options_.shrink);
        triage_.shrunken.runs += runs_;
        triage_.smallest = size_of(triage_.shrunken.smallest);
        triage_.first_difference = first_difference(triage_.shrunken);
        return std::move(triage_);
    }

private:
    static std::string size_of(const Case& any) { return fmt::format("{} {}", name_of(any.op), params_to_json(any)); }

    void explain() {
        if (!comparable(failing_.outputs, outcome_.outputs)) {
            triage_.patterns = {"outputs of other types or shapes"};
            return;
        }
        const bool small = fits(failing_, options_.most_products);
        const Evidence evidence(failing_, failing_.outputs, outcome_.outputs, golden_);
        triage_.patterns = patterns_of(evidence, small);
        if (small) {
            triage_.diagnoses = diagnose(evidence);
        } else {
            explain_smaller();
        }
    }

    void explain_smaller() {
        const Shrunken smaller =
            shrink_to_products(failing_, outcome_, options_.most_products, kernel_, golden_, options_.shrink);
        runs_ = smaller.runs;
        failing_ = smaller.smallest;  // shrinking goes on from there
        outcome_ = smaller.outcome;
        triage_.diagnosed_on = size_of(failing_);
        if (!smaller.complete || !comparable(failing_.outputs, outcome_.outputs)) return;
        triage_.diagnoses = diagnose(Evidence(failing_, failing_.outputs, outcome_.outputs, golden_));
    }

    Case failing_;
    Outcome outcome_;
    Backend& kernel_;
    Backend& golden_;
    const TriageOptions& options_;
    Triage triage_;
    std::int64_t runs_ = 0;  // of the first shrinking
};

std::string diagnoses_text(const Triage& triage) {
    const std::string on = triage.diagnosed_on.empty() ? "" : "\n  diagnosed on " + triage.diagnosed_on;
    if (triage.diagnoses.empty()) return on + "\n  class: none of the known";
    std::string text = on;
    for (const Diagnosis& diagnosis : triage.diagnoses) {
        const std::string part = diagnosis.explained == 1.0
                                     ? "explains every bit"
                                     : fmt::format("explains {:.1f}% of the differences", 100 * diagnosis.explained);
        text += fmt::format("\n  class: {} ({}): {}", diagnosis.class_name, diagnosis.words, part);
    }
    return text;
}

}  // namespace

Triage triage_of(const Case& failing, const std::vector<HostTensor>& expected, const Outcome& outcome, Backend& kernel,
                 Backend& golden, const TriageOptions& options) {
    return Investigation(failing, expected, outcome, kernel, golden, options).all();
}

std::string text_of(const Triage& triage) {
    std::string text = "triage: " + triage.failure;
    for (const std::string& pattern : triage.patterns) text += "\n  pattern: " + pattern;
    if (triage.kind == OutcomeKind::mismatch) text += diagnoses_text(triage);
    text += fmt::format("\n  smallest case{}: {}\n    {}", triage.shrunken.complete ? "" : " (search cut short)",
                        triage.smallest, triage.first_difference);
    return text;
}

void write_case(const std::string& path, const Triage& triage, const std::string& generator) {
    const Case& smallest = triage.shrunken.smallest;
    GoldenWriter writer(path, {kContractVersion, "triage", 1, smallest.context.seed, generator});
    writer.add(smallest);
    writer.commit();
}

std::string reproduce_command(const std::string& path, const std::string& suffix) {
    return "dfp16 verify " + shell_word(path) + " --case 0" + (suffix.empty() ? "" : " " + suffix);
}

}  // namespace dfp16::triage
