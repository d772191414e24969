#pragma once

#include <string>

#include "vectors/verify.h"

namespace dfp16 {

/// A line a class of cases: how often it was run; corner classes first.
std::string coverage_text(const VerifyReport& report);

}  // namespace dfp16
