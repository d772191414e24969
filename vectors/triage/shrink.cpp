#include "vectors/triage/shrink.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "sim/types/error.h"
#include "vectors/triage/smaller_sizes.h"

namespace dfp16 {

namespace {

using Clock = std::chrono::steady_clock;

/// The first or (`from_end`) last elements along each axis; nothing where the new shape is larger or of another rank.
std::optional<HostTensor> cropped(const HostTensor& tensor, const Shape& shape, bool from_end) {
    if (shape.rank() != tensor.shape.rank()) return std::nullopt;
    for (std::size_t i = 0; i < shape.rank(); ++i) {
        if (shape[i] > tensor.shape[i]) return std::nullopt;
    }
    HostTensor result(tensor.type(), shape);
    result.exponent = tensor.exponent;
    std::visit(
        [&](auto& values) {
            const auto& source = std::get<std::decay_t<decltype(values)>>(tensor.data);
            for (std::int64_t i = 0; i < shape.elements(); ++i) {
                std::int64_t rest = i;
                std::int64_t from = 0;
                std::int64_t stride = 1;
                for (std::size_t axis = shape.rank(); axis-- > 0; rest /= shape[axis]) {
                    const std::int64_t skipped = from_end ? tensor.shape[axis] - shape[axis] : 0;
                    from += (rest % shape[axis] + skipped) * stride;
                    stride *= tensor.shape[axis];
                }
                values[static_cast<std::size_t>(i)] = source[static_cast<std::size_t>(from)];
            }
        },
        result.data);
    return result;
}

/// The case under another header, its tensors cropped to the header's shapes.
std::optional<Case> cropped(const Case& from, const CaseHeader& header, bool from_end) {
    Case result;
    static_cast<CaseHeader&>(result) = header;
    try {
        const std::vector<Operand> operands = operands_of(header).inputs;
        if (operands.size() != from.inputs.size()) return std::nullopt;
        for (std::size_t i = 0; i < operands.size(); ++i) {
            const auto tensor = cropped(from.inputs[i], operands[i].shape, from_end);
            if (!tensor) return std::nullopt;
            result.inputs.push_back(*tensor);
        }
    } catch (const InputError&) {
        return std::nullopt;
    }
    return result;
}

class Shrinker {
public:
    Shrinker(const Case& failed, const std::function<bool(const Case&)>& fails, const ShrinkLimits& limits)
        : best_(failed), fails_(fails), limits_(limits) {}

    Case shrink() {
        bool smaller = true;
        while (smaller && !spent()) {
            smaller = false;
            while (shrink_sizes()) smaller = true;
            for (std::size_t i = 0; i < best_.inputs.size(); ++i) smaller = shrink_values(i) || smaller;
        }
        best_.outputs.clear();
        return best_;
    }

private:
    bool spent() const {
        const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
        return runs_ >= limits_.runs || seconds >= limits_.seconds;
    }

    /// Takes the case if it fails too.
    bool take(const Case& candidate) {
        if (spent()) return false;
        ++runs_;
        if (!fails_(candidate)) return false;
        best_ = candidate;
        return true;
    }

    bool shrink_sizes() {
        const CaseHeader header = best_;
        return for_each_smaller(header, [&](const CaseHeader& smaller) {
            for (const bool from_end : {false, true}) {
                const auto candidate = cropped(best_, smaller, from_end);
                if (candidate && take(*candidate)) return true;
            }
            return false;
        });
    }

    /// Zeros in ever smaller runs of elements, then simple values one by one.
    bool shrink_values(std::size_t input) {
        bool changed = false;
        const std::int64_t elements = best_.inputs[input].elements();
        if (best_.inputs[input].type() == ElementType::label) return false;
        for (std::int64_t run = elements; run >= 1 && !spent(); run /= 2) {
            for (std::int64_t first = 0; first < elements && !spent(); first += run) {
                changed = try_values(input, first, std::min(elements, first + run), 0) || changed;
            }
        }
        for (std::int64_t i = 0; i < elements && !spent(); ++i) {
            for (const int value : {1, -1}) changed = try_values(input, i, i + 1, value) || changed;
        }
        return changed;
    }

    /// All elements of a run; those that are zero, 1 or -1 already stay.
    bool try_values(std::size_t input, std::int64_t first, std::int64_t end, int value) {
        Case candidate = best_;
        bool different = false;
        std::visit(
            [&](auto& values) {
                using Element = typename std::decay_t<decltype(values)>::value_type;
                for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(end); ++i) {
                    const Element simple = element<Element>(value);
                    if (values[i] == Element{} || values[i] == element<Element>(1) || values[i] == simple) continue;
                    values[i] = simple;
                    different = true;
                }
            },
            candidate.inputs[input].data);
        if (value == 0) different = zero_rest(candidate, input, first, end) || different;
        return different && take(candidate);
    }

    /// Ones become zeros too.
    static bool zero_rest(Case& candidate, std::size_t input, std::int64_t first, std::int64_t end) {
        bool different = false;
        std::visit(
            [&](auto& values) {
                using Element = typename std::decay_t<decltype(values)>::value_type;
                for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(end); ++i) {
                    different = different || !(values[i] == Element{});
                    values[i] = Element{};
                }
            },
            candidate.inputs[input].data);
        return different;
    }

    template <typename Element>
    static Element element(int value) {
        if constexpr (std::is_same_v<Element, float>) {
            return static_cast<float>(value);
        } else {
            return Element{static_cast<decltype(Element::value)>(value)};
        }
    }

    Case best_;
    const std::function<bool(const Case&)>& fails_;
    ShrinkLimits limits_;
    std::int64_t runs_ = 0;
    Clock::time_point start_ = Clock::now();
};

}  // namespace

Case shrink(const Case& failed, const std::function<bool(const Case&)>& fails, const ShrinkLimits& limits) {
    return Shrinker(failed, fails, limits).shrink();
}

}  // namespace dfp16
