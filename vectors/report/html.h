#pragma once

#include <string>

#include "vectors/verify.h"

namespace dfp16 {

/// The report as one page without any other file: result, backends, the first mismatches with heat maps of where the
/// output differs, coverage by class.
std::string report_to_html(const VerifyReport& report);

}  // namespace dfp16
