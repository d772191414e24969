#pragma once

#include <string>

#include "vectors/verify.h"

namespace dfp16 {

/// The report as JUnit XML, as CI servers read it: one testsuite, one testcase a case (classname: the operation), with
/// one failure for each kernel that is wrong; what no kernel implements is skipped.
std::string report_to_junit(const VerifyReport& report);

/// Text for an XML or HTML document: & < > " ' escaped, control characters as U+FFFD.
std::string xml_escaped(const std::string& text);

}  // namespace dfp16
