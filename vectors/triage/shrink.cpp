#include "vectors/triage/shrink.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "vectors/triage/dfp_model.h"
#include "vectors/triage/evidence.h"
#include "vectors/triage/resize.h"
#include "vectors/triage/simpler_values.h"
#include "vectors/triage/terms.h"

namespace dfp16::triage {

namespace {

constexpr int kMostRounds = 4;  // of sizes, then values

class Shrinker {
public:
    Shrinker(const Case& failing, const Outcome& failure, Backend& kernel, Backend& golden,
             const ShrinkOptions& options)
        : kernel_(kernel), golden_(golden), options_(options), best_(failing), outcome_(failure) {}

    Shrunken everything() {
        bool changed = true;
        for (int round = 0; changed && round < kMostRounds; ++round) {
            changed = shrink_sizes();
            for (std::size_t input = 0; input < best_.inputs.size(); ++input) {
                changed = clear_elements(input) || changed;
                changed = simplify_elements(input) || changed;
                changed = simplify_exponent(input) || changed;
            }
            changed = simplify_stream() || changed;
        }
        return result(!exhausted());
    }

    Shrunken to_products(std::int64_t products) {
        products_wanted_ = products;
        shrink_sizes();
        return result(products_of(best_) <= products);
    }

private:
    Shrunken result(bool complete) { return {std::move(best_), std::move(outcome_), runs_, complete}; }

    bool exhausted() const {
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
        return runs_ >= options_.most_runs || spent.count() >= options_.most_seconds;
    }

    /// Takes the candidate if the kernel fails on it in the same way.
    bool accept(Case candidate) {
        if (exhausted()) return false;
        auto expected = golden_on(candidate, golden_);
        if (!expected) return false;
        ++runs_;
        Outcome outcome = outcome_of(candidate, *expected, kernel_);
        if (options_.progress) options_.progress(runs_, elements_of(best_));
        if (!same_failure(outcome, outcome_)) return false;
        best_ = std::move(candidate);
        best_.outputs = std::move(*expected);
        outcome_ = std::move(outcome);
        return true;
    }

    bool reached() const { return products_wanted_ > 0 && products_of(best_) <= products_wanted_; }

    bool shrink_sizes() {
        bool changed = false;
        for (bool again = true; again && !exhausted() && !reached();) {
            again = false;
            for (std::size_t i = 0; i < sizes_of(best_).size(); ++i) {
                while (!reached() && shrink_size(i)) again = true;
            }
            changed = changed || again;
        }
        return changed;
    }

    /// One step of one size.
    bool shrink_size(std::size_t number) {
        const std::vector<Size> sizes = sizes_of(best_);
        if (number >= sizes.size()) return false;  // parts of a concat that are gone
        const Size& size = sizes[number];
        for (const std::int64_t value : smaller_sizes(size.value, size.least)) {
            CaseHeader header = best_;
            size.set(header, value);
            for (const Keep keep : {Keep::first, Keep::last}) {
                auto candidate = resized(best_, header, keep);
                if (candidate && accept(std::move(*candidate))) return true;
            }
        }
        return false;
    }

    static bool is_zero(const HostTensor& tensor, std::int64_t i) { return tensor.bits(i) == 0; }

    static void clear(HostTensor& tensor, std::int64_t begin, std::int64_t end) {
        std::visit(
            [&](auto& elements) {
                std::fill(elements.begin() + begin, elements.begin() + end,
                          typename std::decay_t<decltype(elements)>::value_type{});
            },
            tensor.data);
    }

    /// Runs of zeros, ever shorter.
    bool clear_elements(std::size_t input) {
        bool changed = false;
        const std::int64_t elements = best_.inputs[input].elements();
        for (std::int64_t run = elements; run >= 1 && !exhausted(); run = run == 1 ? 0 : (run + 1) / 2) {
            for (std::int64_t begin = 0; begin < elements && !exhausted(); begin += run) {
                const std::int64_t end = std::min(elements, begin + run);
                bool zeros = true;
                for (std::int64_t i = begin; zeros && i < end; ++i) zeros = is_zero(best_.inputs[input], i);
                if (zeros) continue;
                Case candidate = best_;
                clear(candidate.inputs[input], begin, end);
                changed = accept(std::move(candidate)) || changed;
            }
        }
        return changed;
    }

    bool simplify_elements(std::size_t input) {
        bool changed = false;
        for (std::int64_t i = 0; i < best_.inputs[input].elements() && !exhausted(); ++i) {
            if (is_zero(best_.inputs[input], i)) continue;
            while (simplify_element(input, static_cast<std::size_t>(i))) changed = true;
        }
        return changed;
    }

    template <typename Value, typename Set>
    bool try_values(std::size_t input, Value now, Set set) {
        for (const Value value : simpler(now)) {
            Case candidate = best_;
            set(candidate.inputs[input], value);
            if (accept(std::move(candidate))) return true;
        }
        return false;
    }

    bool simplify_element(std::size_t input, std::size_t i) {
        HostTensor& tensor = best_.inputs[input];
        switch (tensor.type()) {
            case ElementType::mantissa:
                return try_values(input, std::int64_t{tensor.mantissas()[i].value}, [i](HostTensor& t, std::int64_t v) {
                    t.mantissas()[i].value = static_cast<std::int16_t>(v);
                });
            case ElementType::accumulator:
                return try_values(
                    input, std::int64_t{tensor.accumulators()[i].value},
                    [i](HostTensor& t, std::int64_t v) { t.accumulators()[i].value = static_cast<std::int32_t>(v); });
            case ElementType::fp32:
                return try_values(input, tensor.fp32()[i], [i](HostTensor& t, float v) { t.fp32()[i] = v; });
            case ElementType::label: return false;
        }
        return false;
    }

    bool simplify_exponent(std::size_t input) {
        bool changed = false;
        const auto set = [&](int exponent) {
            if (best_.inputs[input].exponent.value == exponent) return false;
            Case candidate = best_;
            candidate.inputs[input].exponent.value = exponent;
            return accept(std::move(candidate));
        };
        if (set(0)) return true;
        for (bool again = true; again;) {
            again = false;
            for (const std::int64_t value : simpler(std::int64_t{best_.inputs[input].exponent.value})) {
                again = set(static_cast<int>(value));
                changed = changed || again;
                if (again) break;
            }
        }
        return changed;
    }

    /// Seed 1, step 0, tensor 0.
    bool simplify_stream() {
        bool changed = false;
        const auto attempt = [&](auto change) {
            Case candidate = best_;
            if (change(candidate)) changed = accept(std::move(candidate)) || changed;
        };
        attempt([](Case& c) { return std::exchange(c.context.seed, 1) != 1; });
        attempt([](Case& c) { return std::exchange(c.context.step, 0) != 0; });
        attempt([](Case& c) {
            if (auto* dropout = std::get_if<DropoutParams>(&c.params)) return std::exchange(dropout->tensor, 0) != 0;
            return rounds_to_dfp(c.op) && std::exchange(rounding_of(c.params).tensor, 0) != 0;
        });
        return changed;
    }

    Backend& kernel_;
    Backend& golden_;
    const ShrinkOptions& options_;
    Case best_;
    Outcome outcome_;
    std::int64_t runs_ = 0;
    std::int64_t products_wanted_ = 0;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

Shrunken shrink(const Case& failing, const Outcome& failure, Backend& kernel, Backend& golden,
                const ShrinkOptions& options) {
    return Shrinker(failing, failure, kernel, golden, options).everything();
}

Shrunken shrink_to_products(const Case& failing, const Outcome& failure, std::int64_t products, Backend& kernel,
                            Backend& golden, const ShrinkOptions& options) {
    return Shrinker(failing, failure, kernel, golden, options).to_products(products);
}

}  // namespace dfp16::triage
