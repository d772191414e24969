#include "sim/overflow_oracle.h"

#include <bit>
#include <limits>

namespace dfp16 {

namespace {
int margin_of(std::int64_t magnitude) {
    return 31 - static_cast<int>(std::bit_width(static_cast<std::uint64_t>(magnitude)));
}
}  // namespace

int OutputOverflow::margin() const {
    return margin_of(largest_magnitude);
}

void follow(OutputOverflow& output, std::span<const Mantissa> a, std::span<const Mantissa> b, std::int64_t chain,
            std::int64_t pairs_before) {
    constexpr std::int64_t lowest = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t highest = std::numeric_limits<std::int32_t>::max();
    const auto pairs = static_cast<std::int64_t>(a.size() / 2);
    std::int64_t sum = 0;
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
        if (pair % chain == 0) sum = 0;
        const auto i = static_cast<std::size_t>(pair) * 2;
        sum += std::int64_t{a[i].value} * b[i].value + std::int64_t{a[i + 1].value} * b[i + 1].value;
        output.largest_magnitude = std::max(output.largest_magnitude, sum < 0 ? -sum : sum);
        if ((sum < lowest || sum > highest) && output.first_pair < 0) output.first_pair = pairs_before + pair;
    }
}

void OverflowSummary::add(std::int64_t output_index, const OutputOverflow& output) {
    ++outputs;
    smallest_margin = std::min(smallest_margin, output.margin());
    if (output.first_pair < 0) return;
    ++overflowed;
    if (first_output < 0 || output_index < first_output) {
        first_output = output_index;
        first_pair = output.first_pair;
    }
}

void OverflowSummary::add_certified(std::int64_t count, std::int64_t largest_magnitude) {
    outputs += count;
    smallest_margin = std::min(smallest_margin, margin_of(largest_magnitude));
}

void OverflowSummary::merge(const OverflowSummary& other) {
    outputs += other.outputs;
    overflowed += other.overflowed;
    smallest_margin = std::min(smallest_margin, other.smallest_margin);
    if (other.first_output >= 0 && (first_output < 0 || other.first_output < first_output)) {
        first_output = other.first_output;
        first_pair = other.first_pair;
    }
}

}  // namespace dfp16
