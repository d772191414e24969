// The `params` attribute of a case: one JSON object (docs/vectors.md).
#pragma once

#include <string>

#include "vectors/case.h"

namespace dfp16 {

/// Keys in the order of docs/vectors.md, without spaces: the same case gives the same bytes.
std::string params_to_json(const CaseHeader& header);

/// Sets params, extent, element and context of a header whose op is known. Keys that the operation does not know are
/// left alone. Throws InputError for what is not an object, for a missing key, and for a value of the wrong type or
/// range.
void params_from_json(const std::string& text, CaseHeader& header);

}  // namespace dfp16
