// Where and how outputs differ, in words.
#pragma once

#include <string>
#include <vector>

#include "vectors/case.h"

namespace dfp16 {

/// The patterns that all differing elements of the first output that differs share: "all elements", "only k 16 to 18,
/// the tail behind blocks of 16", "every 16th element", "only negative ones", "off by one unit", ... `got` has the
/// shapes of `expected`.
std::vector<std::string> patterns_of(const Case& failed, const std::vector<HostTensor>& expected,
                                     const std::vector<HostTensor>& got);

}  // namespace dfp16
