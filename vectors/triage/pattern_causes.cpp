#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "sim/accumulate.h"
#include "sim/overflow_oracle.h"
#include "vectors/triage/dfp_model.h"
#include "vectors/triage/patterns.h"
#include "vectors/triage/terms.h"

namespace dfp16::triage {

namespace {

using Test = std::function<bool(std::int64_t output)>;

/// "exactly WHERE" or "only WHERE", if the test holds for all differing elements and not for all elements.
void add_where(const Evidence& evidence, const std::string& where, const Test& test, std::vector<std::string>& lines) {
    const std::vector<std::int64_t>& differing = evidence.first_differing();
    for (const std::int64_t index : differing) {
        if (!test(index)) return;
    }
    std::size_t holds = 0;
    const std::int64_t elements = evidence.first_operand().shape.elements();
    for (std::int64_t i = 0; i < elements; ++i) holds += test(i) ? 1 : 0;
    if (static_cast<std::int64_t>(holds) == elements && elements > 1) return;
    if (holds == differing.size()) {
        lines.push_back("exactly " + where);
    } else {
        lines.push_back(fmt::format("only {} ({} of {} such)", where, differing.size(), holds));
    }
}

/// The mantissas that an output's sum multiplies.
struct Factors {
    std::vector<Mantissa> a, b;
};

Factors factors_of(const Case& inputs, std::int64_t output) {
    Factors factors;
    const auto& a = inputs.inputs[a_input(inputs.op)].mantissas();
    const auto& b = inputs.inputs[b_input(inputs.op)].mantissas();
    for (const Term& term : terms_of(inputs, output, geometry_of(inputs))) {
        factors.a.push_back(term.a < 0 ? Mantissa{} : a[static_cast<std::size_t>(term.a)]);
        factors.b.push_back(term.b < 0 ? Mantissa{} : b[static_cast<std::size_t>(term.b)]);
    }
    return factors;
}

/// Whether a partial sum of an output leaves INT32, as one chain.
bool overflows(const Case& inputs, std::int64_t output) {
    const Factors factors = factors_of(inputs, output);
    OutputOverflow overflow;
    follow(overflow, factors.a, factors.b, std::numeric_limits<std::int64_t>::max(), 0);
    return overflow.first_pair >= 0;
}

/// Whether the sum itself is outside INT32.
bool ends_outside(const Case& inputs, std::int64_t output) {
    const Factors factors = factors_of(inputs, output);
    const std::int64_t sum = exact_sum(factors.a, factors.b);
    return sum != static_cast<std::int32_t>(sum);
}

bool meets_padding(const Case& inputs, std::int64_t output) {
    const std::vector<Term> terms = terms_of(inputs, output, geometry_of(inputs));
    return std::any_of(terms.begin(), terms.end(),
                       [](const Term& term) { return term.a == kPadding || term.b == kPadding; });
}

void add_sums(const Evidence& evidence, std::vector<std::string>& lines) {
    const Case& inputs = evidence.inputs;
    if (!is_sum_of_products(inputs.op)) return;
    const auto add = [&](const char* where, bool (*test)(const Case&, std::int64_t)) {
        add_where(
            evidence, where, [&](std::int64_t output) { return test(inputs, output); }, lines);
    };
    if (inputs.inputs[0].type() == ElementType::mantissa) {
        add("where a partial sum leaves INT32", overflows);
        add("where the sum itself is outside INT32", ends_outside);
    }
    if (inputs.op == OpKind::conv_forward) add("where the window meets padding", meets_padding);
}

void add_roundings(const Evidence& evidence, std::vector<std::string>& lines) {
    const Case& inputs = evidence.inputs;
    if (!rounds_to_dfp(inputs.op)) return;
    const UnroundedTensor before = unrounded(inputs, contract_model(inputs, rounding_of(inputs.params)));
    const auto rest = [&](std::int64_t i) {
        const auto [v, shift] = before.elements[static_cast<std::size_t>(i)];
        return shift <= 0 ? 0.0 : std::fabs(std::fmod(std::ldexp(static_cast<double>(v), -std::min(shift, 1000)), 1.0));
    };
    add_where(
        evidence, "where the rounding is a tie", [&](std::int64_t i) { return rest(i) == 0.5; }, lines);
    add_where(
        evidence, "where something is rounded off", [&](std::int64_t i) { return rest(i) != 0.0; }, lines);
}

}  // namespace

void add_causes(const Evidence& evidence, bool with_sums, std::vector<std::string>& lines) {
    if (evidence.first_differing().empty() || evidence.output != 0) return;
    if (with_sums) add_sums(evidence, lines);
    add_roundings(evidence, lines);
}

}  // namespace dfp16::triage
