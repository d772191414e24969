#include "vectors/tensor_data.h"

#include <algorithm>
#include <functional>

#include "vectors/corner_values.h"

namespace dfp16 {

namespace {

using Element = std::function<std::int64_t(std::uint64_t index)>;

Element drawn_from(std::vector<std::int64_t> values, const CaseRandom& random, std::uint32_t stream) {
    return [values = std::move(values), random, stream](std::uint64_t index) {
        const std::int64_t last = static_cast<std::int64_t>(values.size()) - 1;
        return values[static_cast<std::size_t>(random.uniform(stream, index, 0, last))];
    };
}

Element corner(CornerClass corner_class, int bits, const CaseRandom& random, std::uint32_t stream) {
    return drawn_from(corner_values(corner_class, bits, false), random, stream);
}

/// The four 16-bit halves of two words, added.
Element bell(std::int64_t limit, const CaseRandom& random, std::uint32_t stream) {
    return [=](std::uint64_t index) {
        std::int64_t sum = 0;
        for (const std::uint32_t word : {random.word(stream, 2 * index), random.word(stream, 2 * index + 1)}) {
            sum += static_cast<std::int16_t>(word & 0xFFFF) + static_cast<std::int16_t>(word >> 16);
        }
        return sum * limit / (std::int64_t{1} << 17);
    };
}

Element one_large(std::int64_t count, std::int64_t limit, const CaseRandom& random, std::uint32_t stream) {
    const auto end =
        static_cast<std::uint64_t>(count);  // the words past the last element choose the place and the sign
    const auto place =
        static_cast<std::uint64_t>(random.uniform(stream, end, 0, std::min<std::int64_t>(count, 1 << 30) - 1));
    const bool negative = random.uniform(stream, end + 1, 0, 1) == 1;
    return [=](std::uint64_t index) {
        if (index == place) return negative ? -limit : limit;
        return random.uniform(stream, index, -1, 1);
    };
}

Element element_of(Fill fill, std::int64_t count, int bits, const CaseRandom& random, std::uint32_t stream) {
    const std::int64_t limit = (std::int64_t{1} << bits) - 1;
    switch (fill) {
        case Fill::uniform: return [=](std::uint64_t i) { return random.uniform(stream, i, -limit, limit); };
        case Fill::bell: return bell(limit, random, stream);
        case Fill::relu:
            return [=](std::uint64_t i) { return std::max<std::int64_t>(0, random.uniform(stream, i, -limit, limit)); };
        case Fill::walking_ones: return corner(CornerClass::walking_ones, bits, random, stream);
        case Fill::walking_zeros: return corner(CornerClass::walking_zeros, bits, random, stream);
        case Fill::extremes: return corner(CornerClass::extremes, bits, random, stream);
        case Fill::two_powers: return corner(CornerClass::two_powers, bits, random, stream);
        case Fill::patterns: return corner(CornerClass::patterns, bits, random, stream);
        case Fill::zeros: return [](std::uint64_t) { return std::int64_t{0}; };
        case Fill::one_large: return one_large(count, limit, random, stream);
        case Fill::largest: return [=](std::uint64_t) { return limit; };
        case Fill::lowest: break;
    }
    std::vector<std::int64_t> values = corner_values(CornerClass::extremes, bits, false);
    values.insert(values.end(), values.size(), -limit - 1);
    return drawn_from(std::move(values), random, stream);
}

}  // namespace

const char* name_of(Fill fill) {
    switch (fill) {
        case Fill::uniform: return "uniform";
        case Fill::bell: return "bell";
        case Fill::relu: return "relu";
        case Fill::walking_ones: return name_of(CornerClass::walking_ones);
        case Fill::walking_zeros: return name_of(CornerClass::walking_zeros);
        case Fill::extremes: return name_of(CornerClass::extremes);
        case Fill::two_powers: return name_of(CornerClass::two_powers);
        case Fill::patterns: return name_of(CornerClass::patterns);
        case Fill::zeros: return "zeros";
        case Fill::one_large: return "one-large";
        case Fill::largest: return "largest";
        case Fill::lowest: return "lowest";
    }
    return "?";
}

const std::vector<Fill>& symmetric_fills() {
    static const std::vector<Fill> fills = {Fill::uniform,       Fill::bell,     Fill::walking_ones, Fill::relu,
                                            Fill::walking_zeros, Fill::extremes, Fill::two_powers,   Fill::one_large,
                                            Fill::patterns,      Fill::largest,  Fill::zeros};
    return fills;
}

std::vector<std::int64_t> integers(Fill fill, std::int64_t count, int bits, const CaseRandom& random,
                                   std::uint32_t stream) {
    const Element element = element_of(fill, count, bits, random, stream);
    std::vector<std::int64_t> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = element(i);
    return values;
}

HostTensor mantissa_tensor(Fill fill, const Shape& shape, int headroom, const CaseRandom& random,
                           std::uint32_t stream) {
    HostTensor tensor(ElementType::mantissa, shape);
    const std::vector<std::int64_t> values = integers(fill, shape.elements(), 15 - headroom, random, stream);
    std::transform(values.begin(), values.end(), tensor.mantissas().begin(),
                   [](std::int64_t value) { return Mantissa{static_cast<std::int16_t>(value)}; });
    return tensor;
}

HostTensor accumulator_tensor(Fill fill, const Shape& shape, const CaseRandom& random, std::uint32_t stream) {
    HostTensor tensor(ElementType::accumulator, shape);
    const std::vector<std::int64_t> values = integers(fill, shape.elements(), 31, random, stream);
    std::transform(values.begin(), values.end(), tensor.accumulators().begin(),
                   [](std::int64_t value) { return Accumulator{static_cast<std::int32_t>(value)}; });
    return tensor;
}

}  // namespace dfp16
