#pragma once

#include <string>

#include "vectors/heat_map.h"

namespace dfp16 {

/// The heat map as an SVG element: a cell is grey where nothing differs, from yellow to red by the share that does.
std::string heat_map_svg(const HeatMap& heat);

}  // namespace dfp16
