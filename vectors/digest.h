// The digest of a case: XXH3-128 over the byte string of docs/vectors.md. It tells damage from disagreement.
#pragma once

#include <string>

#include "vectors/case.h"

namespace dfp16 {

/// 32 lower-case hexadecimal digits. `params` is the attribute's text as stored.
std::string digest_of(const Case& golden_case, const std::string& params);
/// The same of a case that has no outputs yet, or whose outputs do not count.
std::string digest_of_inputs(const Case& golden_case, const std::string& params);

}  // namespace dfp16
