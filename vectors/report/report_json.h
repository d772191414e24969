// A verify report as JSON and back, to the same report.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "vectors/verify.h"

namespace dfp16 {

/// docs/vectors.md, "Reports".
boost::json::object report_to_json(const VerifyReport& report);
/// Throws InputError, which names `place` (a file), for what is not such an object.
VerifyReport report_from_json(const boost::json::value& value, const std::string& place);
/// The same from a file's text.
VerifyReport read_report(const std::string& path);

}  // namespace dfp16
