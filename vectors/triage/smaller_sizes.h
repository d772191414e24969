#pragma once

#include <functional>

#include "vectors/case.h"

namespace dfp16 {

/// Calls visit(header) for every header with one size, padding, stride or other parameter made smaller: 1, half, one
/// less; sizes that depend on it follow. Stops when visit() gives true, and gives true then.
bool for_each_smaller(const CaseHeader& header, const std::function<bool(const CaseHeader&)>& visit);

}  // namespace dfp16
