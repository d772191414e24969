#include "vectors/triage/patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string.hpp>
#include <cmath>
#include <functional>
#include <set>

#include "vectors/triage/products.h"
#include "vectors/triage/tensor_axes.h"

namespace dfp16 {

namespace {

double value_of(const HostTensor& tensor, std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    switch (tensor.type()) {
        case ElementType::mantissa: return tensor.mantissas()[i].value;
        case ElementType::accumulator: return tensor.accumulators()[i].value;
        case ElementType::fp32: return static_cast<double>(tensor.fp32()[i]);
        case ElementType::label: return std::get<std::vector<Label>>(tensor.data)[i].value;
    }
    return 0;
}

/// Bits as a number whose neighbours are neighbouring values, also across zero.
std::int64_t ordinal(const HostTensor& tensor, std::int64_t index) {
    if (tensor.type() != ElementType::fp32) return static_cast<std::int64_t>(value_of(tensor, index));
    const std::uint32_t bits = tensor.bits(index);
    const auto magnitude = static_cast<std::int64_t>(bits & 0x7FFFFFFF);
    return bits >> 31 != 0 ? -magnitude : magnitude;
}

/// One output that differs.
class Differing {
public:
    Differing(const Operand& operand, const HostTensor& expected, const HostTensor& got)
        : operand_(operand), expected_(expected), got_(got) {
        boost::split(axes_, operand.axes, boost::is_any_of(","));
        axes_.resize(expected.shape.rank(), "i");
        for (std::int64_t i = 0; i < expected.elements(); ++i) {
            if (expected.bits(i) != got.bits(i)) places_.push_back(i);
        }
    }

    void look() {
        const auto first = operand_.shape.coordinates(places_.empty() ? 0 : places_.front());
        add(fmt::format("{} of {} elements of {} differ{}", places_.size(), expected_.elements(), operand_.name,
                        places_.empty() ? "" : ", the first at " + first));
        if (expected_.exponent != got_.exponent) {
            add(fmt::format("exponent {} in place of {}{}", got_.exponent.value, expected_.exponent.value,
                            places_.empty() ? ", nothing else" : ""));
        }
        if (places_.empty()) return;
        add_places();
        add_values();
    }

    const std::vector<std::int64_t>& places() const { return places_; }
    void add(const std::string& words) { words_.push_back(words); }
    std::vector<std::string> take() { return std::move(words_); }

private:
    void add_places() {
        if (static_cast<std::int64_t>(places_.size()) == expected_.elements()) return add("all elements");
        for (std::size_t axis = 0; axis < axes_.size(); ++axis) add_axis(axis);
        add_stride();
        if (places_.back() - places_.front() + 1 == static_cast<std::int64_t>(places_.size()) &&
            places_.back() == expected_.elements() - 1) {
            add("only the last elements");
        }
    }

    /// What the coordinates along one axis have in common.
    void add_axis(std::size_t axis) {
        const std::int64_t size = expected_.shape[axis];
        if (size == 1) return;
        std::set<std::int64_t> seen;
        for (const std::int64_t place : places_) seen.insert(place / stride_of(expected_.shape, axis) % size);
        if (static_cast<std::int64_t>(seen.size()) == size) return;
        const std::int64_t low = *seen.begin();
        const std::int64_t high = *seen.rbegin();
        const std::string& name = axes_[axis];
        if (low == high) return add(fmt::format("only {} {}{}", name, low, edge(low, size)));
        if (low == 0 && high == size - 1 && seen.size() == 2)
            return add("only the first and last " + name + ", the border");
        for (const std::int64_t block : {32, 16, 8}) {
            if (high == size - 1 && size % block != 0 && low == size / block * block && size > block) {
                return add(fmt::format("only {} {} to {}, the tail behind blocks of {}", name, low, high, block));
            }
            if (size > block && low / block == high / block && low % block == 0) {
                return add(fmt::format("only {} {} to {}, in one block of {}", name, low, high, block));
            }
        }
        if (high - low + 1 == static_cast<std::int64_t>(seen.size()))
            add(fmt::format("only {} {} to {}", name, low, high));
        if (std::ranges::all_of(seen, [](std::int64_t c) { return c % 2 == 1; })) add("only odd " + name);
        if (std::ranges::all_of(seen, [](std::int64_t c) { return c % 2 == 0; })) add("only even " + name);
    }

    static const char* edge(std::int64_t coordinate, std::int64_t size) {
        return coordinate == 0 ? ", the first" : coordinate == size - 1 ? ", the last" : "";
    }

    /// "every 16th element from 3 on".
    void add_stride() {
        for (const std::int64_t stride : {64, 32, 16, 8, 4, 2}) {
            const std::int64_t rest = places_.front() % stride;
            const auto on = [&](std::int64_t place) { return place % stride == rest; };
            if (expected_.elements() < 2 * stride || places_.size() < 2 || !std::ranges::all_of(places_, on)) continue;
            return add(fmt::format("every {}th element, from {} on", stride, places_.front()));
        }
    }

    bool all(const std::function<bool(std::int64_t)>& is) const { return std::ranges::all_of(places_, is); }

    void add_values() {
        const auto expected = [this](std::int64_t i) { return value_of(expected_, i); };
        const auto got = [this](std::int64_t i) { return value_of(got_, i); };
        const auto apart = [this](std::int64_t i) { return ordinal(got_, i) - ordinal(expected_, i); };
        const char* unit = expected_.type() == ElementType::fp32 ? "unit in the last place" : "unit";
        if (all([&](std::int64_t i) { return expected(i) < 0; })) add("only negative ones");
        if (all([&](std::int64_t i) { return expected(i) > 0; })) add("only positive ones");
        if (all([&](std::int64_t i) { return expected(i) == 0; })) add("only zeros");
        if (all([&](std::int64_t i) { return got(i) == 0; })) add("the kernel gives zeros");
        if (places_.size() > 1 && all([&](std::int64_t i) { return got_.bits(i) == got_.bits(places_.front()); })) {
            add(fmt::format("the kernel gives 0x{:x} everywhere", got_.bits(places_.front())));
        }
        if (all([&](std::int64_t i) { return apart(i) == 1; })) add(std::string("one ") + unit + " too high");
        if (all([&](std::int64_t i) { return apart(i) == -1; })) add(std::string("one ") + unit + " too low");
        if (all([&](std::int64_t i) { return std::abs(apart(i)) == 1; })) add(std::string("off by one ") + unit);
        if (all([&](std::int64_t i) { return got(i) == -expected(i) && got(i) != 0; })) add("the sign is wrong");
        const double factor = expected(places_.front()) == 0 ? 0 : got(places_.front()) / expected(places_.front());
        if (factor > 0 && factor != 1 && std::log2(factor) == std::floor(std::log2(factor)) &&
            all([&](std::int64_t i) { return got(i) == factor * expected(i); })) {
            add(fmt::format("times 2^{}", static_cast<int>(std::log2(factor))));
        }
        for (const std::int64_t by : {1, -1, 2, -2, 16, -16}) {
            const auto moved = [&](std::int64_t i) {
                return i + by >= 0 && i + by < expected_.elements() && got_.bits(i) == expected_.bits(i + by);
            };
            if (places_.size() > 2 && all(moved))
                add(fmt::format("the kernel gives what belongs {} elements further on", by));
        }
    }

    const Operand& operand_;
    const HostTensor& expected_;
    const HostTensor& got_;
    std::vector<std::string> axes_;
    std::vector<std::int64_t> places_;
    std::vector<std::string> words_;
};

/// "only where the sum leaves INT32", of sums of products.
void add_overflow(const Case& failed, const HostTensor& expected, Differing& differing) {
    OpParams params = failed.params;
    const bool conv = std::holds_alternative<ConvParams>(params);
    if (!conv && !std::holds_alternative<GemmParams>(params) && !std::holds_alternative<FcParams>(params)) return;
    if (failed.inputs[0].type() != ElementType::mantissa || differing.places().empty()) return;
    const std::vector<std::int64_t> sums = sums_of(failed, integers_of(failed.inputs[0]), integers_of(failed.inputs[1]),
                                                   static_cast<std::size_t>(expected.elements()));
    const auto leaves = [&](std::int64_t i) {
        const std::int64_t sum = sums[static_cast<std::size_t>(i)];
        return sum != static_cast<std::int32_t>(sum);
    };
    const auto overflowing =
        std::ranges::count_if(sums, [](std::int64_t sum) { return sum != static_cast<std::int32_t>(sum); });
    if (overflowing == expected.elements() || !std::ranges::all_of(differing.places(), leaves)) return;
    const bool each = overflowing == static_cast<std::int64_t>(differing.places().size());
    differing.add(each ? "exactly where the sum is beyond INT32" : "only where the sum is beyond INT32");
}

}  // namespace

std::vector<std::string> patterns_of(const Case& failed, const std::vector<HostTensor>& expected,
                                     const std::vector<HostTensor>& got) {
    const std::vector<Operand> operands = operands_of(failed).outputs;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (expected[i].type() != got[i].type() || expected[i].shape != got[i].shape) continue;
        Differing differing(operands[i], expected[i], got[i]);
        if (differing.places().empty() && expected[i].exponent == got[i].exponent) continue;
        differing.look();
        add_overflow(failed, expected[i], differing);
        return differing.take();
    }
    return {};
}

}  // namespace dfp16
