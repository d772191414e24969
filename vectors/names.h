// Enumerators by the names that files, options and messages use.
#pragma once

#include <string>

#include "reference/interface/operation.h"
#include "sim/types/policy.h"
#include "sim/types/rounding.h"

namespace dfp16 {

/// "exact", "chain", "wrap", "saturate", "fma".
const char* name_of(Policy policy);
/// "nearest-even", "toward-zero", "stochastic".
const char* name_of(Rounding rounding);
/// "none", "merge", "zero".
const char* name_of(Masking masking);
/// "floor", "ceil".
const char* name_of(SizeRounding rounding);

// Each throws InputError for an unknown name, with the known ones.
Policy policy_of(const std::string& name);
Rounding rounding_of(const std::string& name);
Masking masking_of(const std::string& name);
SizeRounding size_rounding_of(const std::string& name);

}  // namespace dfp16
