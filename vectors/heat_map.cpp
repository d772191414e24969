#include "vectors/heat_map.h"

#include <algorithm>
#include <string>
#include <vector>

#include "vectors/split.h"

namespace dfp16 {

namespace {

/// How the elements of a shape lie in rows and columns; the outermost of four axes lies behind both.
struct Plane {
    std::int64_t rows = 1;
    std::int64_t columns = 1;
    std::string row_axis;
    std::string column_axis;
};

std::string joined(const std::vector<std::string>& names, std::size_t first) {
    std::string text;
    for (std::size_t i = first; i < names.size(); ++i) text += (text.empty() ? "" : ",") + names[i];
    return text;
}

Plane plane_of(const std::string& axes, const Shape& shape) {
    constexpr std::int64_t kRow = 16;  // as many as a vector has lanes
    std::vector<std::string> names = split(axes, ',');
    names.resize(shape.rank());
    if (shape.rank() < 2) return {(shape.elements() + kRow - 1) / kRow, kRow, names[0] + " / 16", names[0] + " % 16"};
    const std::size_t row = shape.rank() == 4 ? 1 : 0;
    std::int64_t columns = 1;
    for (std::size_t i = row + 1; i < shape.rank(); ++i) columns *= shape[i];
    return {shape[row], columns, names[row], joined(names, row + 1)};
}

}  // namespace

HeatMap heat_map(const std::string& axes, const HostTensor& expected, const HostTensor& got) {
    const Plane plane = plane_of(axes, expected.shape);
    HeatMap map{plane.row_axis,
                plane.column_axis,
                std::min(plane.rows, kHeatCells),
                std::min(plane.columns, kHeatCells),
                {},
                {}};
    map.differing.resize(static_cast<std::size_t>(map.rows * map.columns));
    map.elements.resize(map.differing.size());
    for (std::int64_t i = 0; i < expected.elements(); ++i) {
        const std::int64_t row = i / plane.columns % plane.rows * map.rows / plane.rows;
        const std::int64_t column = i % plane.columns * map.columns / plane.columns;
        const auto cell = static_cast<std::size_t>(row * map.columns + column);
        ++map.elements[cell];
        if (expected.bits(i) != got.bits(i)) ++map.differing[cell];
    }
    return map;
}

}  // namespace dfp16
