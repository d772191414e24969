// Classes of a case's sizes: what classes_of() gives beside those of its name.
#pragma once

#include <string>
#include <vector>

#include "vectors/case_header.h"

namespace dfp16 {

/// "tail of 16 in C", "odd channels", "stride h != w", "groups", "one pixel", ...
std::vector<std::string> geometry_classes_of(const CaseHeader& header);

}  // namespace dfp16
