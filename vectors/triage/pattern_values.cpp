#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <functional>

#include "vectors/triage/patterns.h"

namespace dfp16::triage {

namespace {

bool is_integer(const HostTensor& tensor) {
    return tensor.type() != ElementType::fp32;
}

double value(const HostTensor& tensor, std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    switch (tensor.type()) {
        case ElementType::mantissa: return tensor.mantissas()[i].value;
        case ElementType::accumulator: return tensor.accumulators()[i].value;
        case ElementType::fp32: return tensor.fp32()[i];
        case ElementType::label: return tensor.labels()[i].value;
    }
    return 0;
}

/// A number that grows by one from each representable value to the next; 0 for both zeros.
std::int64_t rank_of(const HostTensor& tensor, std::int64_t index) {
    if (is_integer(tensor)) return static_cast<std::int64_t>(value(tensor, index));
    const std::uint32_t bits = tensor.bits(index);
    const auto magnitude = static_cast<std::int64_t>(bits & 0x7FFFFFFFu);
    return bits >> 31 != 0 ? -magnitude : magnitude;
}

using Test = std::function<bool(std::int64_t index)>;

bool all_of(const Evidence& evidence, const Test& test) {
    for (const std::int64_t index : evidence.first_differing()) {
        if (!test(index)) return false;
    }
    return true;
}

/// Whether expected values of all signs are there, so that one sign alone tells something.
bool mixed_signs(const HostTensor& expected, const Test& of_sign) {
    for (std::int64_t i = 0; i < expected.elements(); ++i) {
        if (!of_sign(i)) return true;
    }
    return false;
}

void add_signs(const Evidence& evidence, std::vector<std::string>& lines) {
    const HostTensor& expected = evidence.first_expected();
    const auto add = [&](const char* words, const Test& test) {
        if (all_of(evidence, test) && mixed_signs(expected, test)) lines.push_back(words);
    };
    add("only where a negative value is expected", [&](std::int64_t i) { return value(expected, i) < 0; });
    add("only where a positive value is expected", [&](std::int64_t i) { return value(expected, i) > 0; });
    add("only where zero is expected", [&](std::int64_t i) { return value(expected, i) == 0; });
}

/// One unit off, and in which direction.
bool add_units(const Evidence& evidence, std::vector<std::string>& lines) {
    const HostTensor& expected = evidence.first_expected();
    const HostTensor& got = evidence.first_got();
    const auto step = [&](std::int64_t i) { return rank_of(got, i) - rank_of(expected, i); };
    if (!all_of(evidence, [&](std::int64_t i) { return std::abs(step(i)) == 1; })) return false;
    const std::string unit = is_integer(expected) ? "one" : "one ulp";
    const auto away = [&](std::int64_t i) { return (step(i) > 0) == (rank_of(expected, i) > 0); };
    const auto is = [&](const Test& test) { return all_of(evidence, test); };
    const char* direction = is([&](std::int64_t i) { return !away(i); })      ? ", toward zero"
                            : is([&](std::int64_t i) { return away(i); })     ? ", away from zero"
                            : is([&](std::int64_t i) { return step(i) < 0; }) ? ", downward"
                            : is([&](std::int64_t i) { return step(i) > 0; }) ? ", upward"
                                                                              : ", in both directions";
    lines.push_back("off by " + unit + " each" + direction);
    return true;
}

/// The k of got = expected * 2^k in all; 0: none.
int common_factor(const Evidence& evidence) {
    const HostTensor& expected = evidence.first_expected();
    const HostTensor& got = evidence.first_got();
    int factor = 0;
    const auto fits = [&](std::int64_t i) {
        const double right = value(expected, i), wrong = value(got, i);
        if (right == 0 || wrong == 0 || !std::isfinite(wrong)) return false;
        const int k = std::ilogb(wrong) - std::ilogb(right);
        if (factor == 0) factor = k;
        return k == factor && std::ldexp(right, k) == wrong;
    };
    return all_of(evidence, fits) ? factor : 0;
}

/// One thing that all got values are.
void add_kind(const Evidence& evidence, std::vector<std::string>& lines) {
    const HostTensor& expected = evidence.first_expected();
    const HostTensor& got = evidence.first_got();
    const auto is = [&](const Test& test) { return all_of(evidence, test); };
    const std::int64_t first = evidence.first_differing()[0];
    const int factor = common_factor(evidence);
    if (is([&](std::int64_t i) { return value(expected, i) == value(got, i); })) {
        lines.push_back("zeros of the other sign");
    } else if (is([&](std::int64_t i) { return value(got, i) == 0; })) {
        lines.push_back("got zero in each");
    } else if (is([&](std::int64_t i) { return std::isnan(value(got, i)); })) {
        lines.push_back("got NaN in each");
    } else if (is([&](std::int64_t i) { return std::isinf(value(got, i)); })) {
        lines.push_back("got an infinity in each");
    } else if (is([&](std::int64_t i) { return value(got, i) == -value(expected, i); })) {
        lines.push_back("sign flipped in each");
    } else if (factor != 0) {
        lines.push_back(fmt::format("got 2^{} times what is expected in each", factor));
    } else if (evidence.first_differing().size() > 1 &&
               is([&](std::int64_t i) { return got.bits(i) == got.bits(first); })) {
        lines.push_back(fmt::format("got the same value in each: {}", value(got, first)));
    } else if (!is_integer(expected) &&
               is([&](std::int64_t i) { return ((expected.bits(i) ^ got.bits(i)) & 0x807FFFFFu) == 0; })) {
        lines.push_back("only the exponent bits differ");
    }
}

void add_exponent(const Evidence& evidence, std::vector<std::string>& lines) {
    const int right = evidence.first_expected().exponent.value, wrong = evidence.first_got().exponent.value;
    if (right == wrong) return;
    lines.push_back(fmt::format("the exponent is {} instead of {}: {} by {}", wrong, right,
                                wrong > right ? "too large" : "too small", std::abs(wrong - right)));
}

}  // namespace

void add_values(const Evidence& evidence, std::vector<std::string>& lines) {
    add_exponent(evidence, lines);
    if (evidence.first_differing().empty()) return;
    add_signs(evidence, lines);
    if (!add_units(evidence, lines)) add_kind(evidence, lines);
}

}  // namespace dfp16::triage
