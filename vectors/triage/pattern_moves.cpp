#include <fmt/format.h>

#include "vectors/triage/patterns.h"

namespace dfp16::triage {

namespace {

constexpr std::size_t kFewest = 3;  // fewer equal values are chance

/// Whether each differing element whose source exists has the value expected `by` further along an axis; some of these
/// values must differ among themselves.
bool moved(const Evidence& evidence, std::size_t axis, std::int64_t by) {
    const HostTensor& expected = evidence.first_expected();
    const HostTensor& got = evidence.first_got();
    std::int64_t step = 1;
    for (std::size_t i = axis + 1; i < expected.shape.rank(); ++i) step *= expected.shape[i];
    std::size_t found = 0;
    bool varied = false;
    for (const std::int64_t index : evidence.first_differing()) {
        const std::int64_t at = index / step % expected.shape[axis] + by;
        if (at < 0 || at >= expected.shape[axis]) continue;
        if (got.bits(index) != expected.bits(index + by * step)) return false;
        varied = varied || got.bits(index) != got.bits(evidence.first_differing()[0]);
        ++found;
    }
    return found >= kFewest && varied;
}

bool transposed(const Evidence& evidence) {
    const Shape& shape = evidence.first_operand().shape;
    if (shape.rank() < 2 || shape[shape.rank() - 1] != shape[shape.rank() - 2]) return false;
    const std::int64_t size = shape[shape.rank() - 1];
    for (const std::int64_t index : evidence.first_differing()) {
        const std::int64_t i = index / size % size, j = index % size;
        const std::int64_t other = index + (j - i) * size + (i - j);
        if (evidence.first_got().bits(index) != evidence.first_expected().bits(other)) return false;
    }
    return evidence.first_differing().size() >= kFewest;
}

}  // namespace

void add_moves(const Evidence& evidence, std::vector<std::string>& lines) {
    const Operand& operand = evidence.first_operand();
    for (std::size_t axis = 0; axis < operand.shape.rank(); ++axis) {
        for (const std::int64_t by : {-1, 1}) {
            if (!moved(evidence, axis, by)) continue;
            const std::string name =
                operand.axes.empty() ? "axis " + std::to_string(axis) : fmt::format("{} (axis {})", operand.axes, axis);
            lines.push_back(fmt::format("got what is expected one {} along {}", by > 0 ? "further" : "before", name));
        }
    }
    if (transposed(evidence)) lines.push_back("got each plane transposed");
}

}  // namespace dfp16::triage
