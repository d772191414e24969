#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "vectors/split.h"
#include "vectors/triage/patterns.h"

namespace dfp16::triage {

namespace {

constexpr std::int64_t kBlocks[] = {16, 32};
constexpr std::int64_t kSteps[] = {32, 16, 8, 4};

/// The differing elements along one axis.
struct AxisView {
    std::string name;
    std::int64_t size = 0;
    std::vector<std::int64_t> coordinates;  ///< distinct ones of differing elements, ascending
    bool whole = false;                     ///< every element that has one of these coordinates differs
};

/// "q" of "n,k,p,q".
std::string axis_name(const Operand& operand, std::size_t axis) {
    const std::vector<std::string> names = split(operand.axes, ',');
    return operand.axes.empty() || axis >= names.size() ? "axis " + std::to_string(axis) : names[axis];
}

std::int64_t coordinate(const Shape& shape, std::size_t axis, std::int64_t index) {
    for (std::size_t i = shape.rank(); --i > axis;) index /= shape[i];
    return index % shape[axis];
}

AxisView view(const Evidence& evidence, std::size_t axis) {
    const Shape& shape = evidence.first_operand().shape;
    std::set<std::int64_t> distinct;
    for (const std::int64_t index : evidence.first_differing()) distinct.insert(coordinate(shape, axis, index));
    const auto hit = static_cast<std::int64_t>(distinct.size());
    const bool whole =
        static_cast<std::int64_t>(evidence.first_differing().size()) == hit * (shape.elements() / shape[axis]);
    return {axis_name(evidence.first_operand(), axis), shape[axis], {distinct.begin(), distinct.end()}, whole};
}

/// o where all coordinates are o, o + step, ... and at least two of them; -1: none.
std::int64_t offset_of_step(const std::vector<std::int64_t>& coordinates, std::int64_t step) {
    if (coordinates.size() < 2) return -1;
    for (const std::int64_t c : coordinates) {
        if (c % step != coordinates[0] % step) return -1;
    }
    return coordinates[0] % step;
}

std::string steps_of(const AxisView& axis) {
    for (const std::int64_t step : kSteps) {
        const std::int64_t offset = offset_of_step(axis.coordinates, step);
        if (offset >= 0) return fmt::format("only every {}th {}, from {}", step, axis.name, offset);
    }
    return "";
}

std::string tail_or_block(const AxisView& axis) {
    const std::int64_t low = axis.coordinates.front(), high = axis.coordinates.back();
    for (const std::int64_t block : kBlocks) {
        const std::int64_t whole = axis.size / block * block;
        if (axis.size % block != 0 && whole > 0 && low >= whole) {
            return fmt::format("only {} of {} and more: the tail beyond the last whole block of {}", axis.name, whole,
                               block);
        }
    }
    for (const std::int64_t block : kBlocks) {
        if (axis.size > block && low / block == high / block) {
            return fmt::format("only {} from {} to {}: within one block of {}", axis.name, low, high, block);
        }
    }
    return "";
}

/// What is particular about one axis; empty: nothing.
std::string words_of(const AxisView& axis) {
    if (axis.size == 1 || static_cast<std::int64_t>(axis.coordinates.size()) == axis.size) return "";
    const std::int64_t low = axis.coordinates.front(), high = axis.coordinates.back();
    const std::string all = axis.whole ? "all of " : "only ";
    if (low == high) {
        const char* which = low == axis.size - 1 ? " (the last)" : low == 0 ? " (the first)" : "";
        return fmt::format("{}{} = {}{}", all, axis.name, low, which);
    }
    const bool border = axis.size > 2 && axis.coordinates.size() == 2 && low == 0 && high == axis.size - 1;
    if (border) return fmt::format("{}the first and the last {}", all, axis.name);
    const std::string block = tail_or_block(axis);
    return block.empty() ? steps_of(axis) : block;
}

/// All in the first or last row or column of planes, on more than one of these sides.
void add_borders(const Evidence& evidence, std::vector<std::string>& lines) {
    const Shape& shape = evidence.first_operand().shape;
    if (shape.rank() != 4 || shape[2] < 3 || shape[3] < 3) return;
    std::int64_t border_elements = 2 * (shape[2] + shape[3]) - 4;
    border_elements *= shape[0] * shape[1];
    std::array<bool, 2> sides{};
    for (const std::int64_t index : evidence.first_differing()) {
        const std::int64_t i = coordinate(shape, 2, index), j = coordinate(shape, 3, index);
        const bool row = i == 0 || i == shape[2] - 1, column = j == 0 || j == shape[3] - 1;
        if (!row && !column) return;
        sides[0] = sides[0] || !column;
        sides[1] = sides[1] || !row;
    }
    if (!sides[0] || !sides[1]) return;
    const bool all = static_cast<std::int64_t>(evidence.first_differing().size()) == border_elements;
    lines.push_back(std::string(all ? "exactly" : "only") +
                    " the borders of each plane: first and last row and column");
}

/// Places in row-major order, where no axis tells anything.
void add_flat(const Evidence& evidence, std::vector<std::string>& lines) {
    const std::vector<std::int64_t>& differing = evidence.first_differing();
    const std::int64_t elements = evidence.first_operand().shape.elements();
    const auto count = static_cast<std::int64_t>(differing.size());
    if (count == 1) {
        if (differing[0] == elements - 1) lines.push_back("only the very last element");
        return;
    }
    if (differing.back() - differing.front() + 1 == count) {
        lines.push_back(differing.back() == elements - 1
                            ? fmt::format("the last {} elements", count)
                            : fmt::format("elements {} to {} in a row", differing.front(), differing.back()));
        return;
    }
    for (const std::int64_t step : kSteps) {
        const std::int64_t offset = offset_of_step(differing, step);
        if (offset < 0) continue;
        lines.push_back(fmt::format("only every {}th element, from {}", step, offset));
        return;
    }
}

}  // namespace

void add_places(const Evidence& evidence, std::vector<std::string>& lines) {
    const Shape& shape = evidence.first_operand().shape;
    const auto count = static_cast<std::int64_t>(evidence.first_differing().size());
    if (count == 0 || count == shape.elements()) return;
    const std::size_t before = lines.size();
    for (std::size_t axis = 0; axis < shape.rank() && count > 1; ++axis) {
        const std::string words = words_of(view(evidence, axis));
        if (!words.empty()) lines.push_back(words);
    }
    add_borders(evidence, lines);
    if (lines.size() == before || shape.rank() == 1) add_flat(evidence, lines);
}

}  // namespace dfp16::triage
