#include <algorithm>
#include <utility>

#include "vectors/triage/dfp_model.h"
#include "vectors/triage/search.h"
#include "vectors/triage/simpler_values.h"

namespace dfp16::triage {

namespace {

bool is_zero(const HostTensor& tensor, std::int64_t i) {
    return tensor.bits(i) == 0;
}

void clear(HostTensor& tensor, std::int64_t begin, std::int64_t end) {
    std::visit(
        [&](auto& elements) {
            std::fill(elements.begin() + begin, elements.begin() + end,
                      typename std::decay_t<decltype(elements)>::value_type{});
        },
        tensor.data);
}

/// Runs of zeros, ever shorter.
bool clear_elements(Search& search, std::size_t input) {
    bool changed = false;
    const std::int64_t elements = search.best().inputs[input].elements();
    for (std::int64_t run = elements; run >= 1 && !search.exhausted(); run = run == 1 ? 0 : (run + 1) / 2) {
        for (std::int64_t begin = 0; begin < elements && !search.exhausted(); begin += run) {
            const std::int64_t end = std::min(elements, begin + run);
            bool zeros = true;
            for (std::int64_t i = begin; zeros && i < end; ++i) zeros = is_zero(search.best().inputs[input], i);
            if (zeros) continue;
            Case candidate = search.best();
            clear(candidate.inputs[input], begin, end);
            changed = search.accept(std::move(candidate)) || changed;
        }
    }
    return changed;
}

template <typename Value, typename Set>
bool try_values(Search& search, std::size_t input, Value now, Set set) {
    for (const Value value : simpler(now)) {
        Case candidate = search.best();
        set(candidate.inputs[input], value);
        if (search.accept(std::move(candidate))) return true;
    }
    return false;
}

bool simplify_element(Search& search, std::size_t input, std::size_t i) {
    const HostTensor& tensor = search.best().inputs[input];
    switch (tensor.type()) {
        case ElementType::mantissa:
            return try_values(
                search, input, std::int64_t{tensor.mantissas()[i].value},
                [i](HostTensor& t, std::int64_t v) { t.mantissas()[i].value = static_cast<std::int16_t>(v); });
        case ElementType::accumulator:
            return try_values(
                search, input, std::int64_t{tensor.accumulators()[i].value},
                [i](HostTensor& t, std::int64_t v) { t.accumulators()[i].value = static_cast<std::int32_t>(v); });
        case ElementType::fp32:
            return try_values(search, input, tensor.fp32()[i], [i](HostTensor& t, float v) { t.fp32()[i] = v; });
        case ElementType::label: return false;
    }
    return false;
}

bool simplify_elements(Search& search, std::size_t input) {
    bool changed = false;
    for (std::int64_t i = 0; i < search.best().inputs[input].elements() && !search.exhausted(); ++i) {
        if (is_zero(search.best().inputs[input], i)) continue;
        while (simplify_element(search, input, static_cast<std::size_t>(i))) changed = true;
    }
    return changed;
}

bool simplify_exponent(Search& search, std::size_t input) {
    bool changed = false;
    const auto set = [&](int exponent) {
        if (search.best().inputs[input].exponent.value == exponent) return false;
        Case candidate = search.best();
        candidate.inputs[input].exponent.value = exponent;
        return search.accept(std::move(candidate));
    };
    if (set(0)) return true;
    for (bool again = true; again;) {
        again = false;
        for (const std::int64_t value : simpler(std::int64_t{search.best().inputs[input].exponent.value})) {
            again = set(static_cast<int>(value));
            changed = changed || again;
            if (again) break;
        }
    }
    return changed;
}

/// Seed 1, step 0, tensor 0.
bool simplify_stream(Search& search) {
    bool changed = false;
    const auto attempt = [&](auto change) {
        Case candidate = search.best();
        if (change(candidate)) changed = search.accept(std::move(candidate)) || changed;
    };
    attempt([](Case& c) { return std::exchange(c.context.seed, 1) != 1; });
    attempt([](Case& c) { return std::exchange(c.context.step, 0) != 0; });
    attempt([](Case& c) {
        if (auto* dropout = std::get_if<DropoutParams>(&c.params)) return std::exchange(dropout->tensor, 0) != 0;
        return rounds_to_dfp(c.op) && std::exchange(rounding_of(c.params).tensor, 0) != 0;
    });
    return changed;
}

}  // namespace

bool shrink_values(Search& search) {
    bool changed = false;
    for (std::size_t input = 0; input < search.best().inputs.size(); ++input) {
        changed = clear_elements(search, input) || changed;
        changed = simplify_elements(search, input) || changed;
        changed = simplify_exponent(search, input) || changed;
    }
    return simplify_stream(search) || changed;
}

}  // namespace dfp16::triage
