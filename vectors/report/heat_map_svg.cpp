#include "vectors/report/heat_map_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "vectors/report/junit.h"

namespace dfp16 {

namespace {

constexpr std::int64_t kWidth = 480;  // of the picture, in pixels
constexpr std::int64_t kHeight = 320;
constexpr std::int64_t kLargest = 20;  // edge of a cell
constexpr std::int64_t kSmallest = 6;

std::string colour_of(std::int64_t differing, std::int64_t elements) {
    if (elements == 0) return "none";
    if (differing == 0) return "#8884";
    const int green = 200 - static_cast<int>(170 * differing / elements);
    return fmt::format("rgb(225,{},40)", green);
}

}  // namespace

std::string heat_map_svg(const HeatMap& heat) {
    const std::int64_t edge = std::clamp(std::min(kWidth / heat.columns, kHeight / heat.rows), kSmallest, kLargest);
    std::string svg = fmt::format(
        "<figure><svg width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"where it "
        "differs\">",
        heat.columns * edge, heat.rows * edge);
    for (std::int64_t row = 0; row < heat.rows; ++row) {
        for (std::int64_t column = 0; column < heat.columns; ++column) {
            const auto cell = static_cast<std::size_t>(row * heat.columns + column);
            if (heat.elements[cell] == 0) continue;
            fmt::format_to(std::back_inserter(svg), "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
                           column * edge, row * edge, edge - 1, edge - 1,
                           colour_of(heat.differing[cell], heat.elements[cell]));
        }
    }
    return svg + fmt::format("</svg><figcaption>down: {}, across: {}</figcaption></figure>\n",
                             xml_escaped(heat.row_axis), xml_escaped(heat.column_axis));
}

}  // namespace dfp16
