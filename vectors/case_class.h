// The classes that a golden case belongs to: what its values, scale, policy and geometry have that a kernel may get
// wrong.
#pragma once

#include <string>
#include <vector>

#include "vectors/case_header.h"

namespace dfp16 {

/// From the case's name (values, scale) and its parameters (policy, rounding, geometry), each class once: "bell",
/// "ties", "sum-at-2^31", "scale subnormal", "policy chain", "tail of 16 in C", "stride h != w", ... Parts of a name
/// that no suite writes give nothing.
std::vector<std::string> classes_of(const CaseHeader& header);

/// Whether a class is one that a test without thought for corners leaves out. Plain ones: uniform, bell-shaped and
/// rectified values, ordinary scale, any policy, mode or headroom, whole blocks of 16 channels, square windows.
bool is_corner_class(const std::string& name);

/// Whether any class of the case is a corner class.
bool is_corner_case(const CaseHeader& header);

}  // namespace dfp16
