#include <cmath>
#include <limits>

#include "sim/mantissa_limit.h"
#include "vectors/names.h"
#include "vectors/triage/hypotheses.h"
#include "vectors/triage/products.h"

namespace dfp16 {

namespace {

constexpr const char* kClass = "wrong rounding mode";

void add_other_modes(Candidates& candidates) {
    Case changed = candidates.failed();
    RoundingParams* rounding = rounding_in(changed.params);
    if (rounding == nullptr) return;
    const Rounding own = rounding->rounding;
    for (const Rounding mode : {Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}) {
        rounding->rounding = mode;
        if (mode != own) candidates.add_run(kClass, std::string("as ") + name_of(mode) + " gives", changed);
    }
}

/// floor(|v| * 2^-shift + 1/2) with v's sign, in steps that are exact.
std::int64_t away(double v, int shift) {
    const double scaled = std::ldexp(std::fabs(v), -shift);
    const double whole = std::floor(scaled);
    const auto magnitude = static_cast<std::int64_t>(whole) + (scaled - whole >= 0.5 ? 1 : 0);
    return v < 0 ? -magnitude : magnitude;
}

/// quantize and down_convert: the shift follows from the expected exponent.
void add_ties_away(Candidates& candidates) {
    const Case& failed = candidates.failed();
    const bool quantize = failed.op == OpKind::quantize;
    if (!quantize && failed.op != OpKind::down_convert) return;
    const HostTensor& x = failed.inputs[0];
    HostTensor y = candidates.expected()[0];
    const std::int64_t limit = (std::int64_t{1} << (15 - std::get<RoundingParams>(failed.params).headroom)) - 1;
    for (std::size_t i = 0; i < y.mantissas().size(); ++i) {
        const double value = quantize ? static_cast<double>(x.fp32()[i]) : x.accumulators()[i].value;
        const int shift = y.exponent.value - (quantize ? 0 : x.exponent.value);
        const std::int64_t rounded = std::clamp(away(value, shift), -limit, limit);
        y.mantissas()[i].value = static_cast<std::int16_t>(rounded);
    }
    candidates.add(kClass, "as rounding ties away from zero gives", {y});
}

/// The one rounding of policy exact: sums of up to 53 bits, whose neighbours in FP32 follow from binary64.
void add_exact_modes(Candidates& candidates) {
    const Case& failed = candidates.failed();
    Case changed = failed;
    const Accumulation* accumulation = accumulation_in(changed.params);
    if (accumulation == nullptr || accumulation->policy != Policy::exact) return;
    const HostTensor& expected = candidates.expected()[0];
    const std::vector<std::int64_t> sums = sums_of(failed, integers_of(failed.inputs[0]), integers_of(failed.inputs[1]),
                                                   static_cast<std::size_t>(expected.elements()));
    const int k = failed.inputs[0].exponent.value + failed.inputs[1].exponent.value;
    HostTensor zero = expected;
    HostTensor far = expected;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const double exact = std::ldexp(static_cast<double>(sums[i]), k);
        const float nearest = expected.fp32()[i];
        const float inner =
            std::fabs(static_cast<double>(nearest)) > std::fabs(exact) ? std::nextafter(nearest, 0.0f) : nearest;
        const float outer = std::nextafter(inner, std::copysign(std::numeric_limits<float>::infinity(), inner));
        const double middle = (static_cast<double>(inner) + static_cast<double>(outer)) / 2;
        zero.fp32()[i] = inner;
        far.fp32()[i] = exact == middle ? outer : nearest;
    }
    candidates.add(kClass, "results are cut toward zero", {zero});
    candidates.add(kClass, "ties of results go away from zero", {far});
}

}  // namespace

void rounding_mode(Candidates& candidates) {
    add_other_modes(candidates);
    add_ties_away(candidates);
    add_exact_modes(candidates);
}

}  // namespace dfp16
