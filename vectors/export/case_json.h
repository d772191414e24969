// A case as one JSON object in one line.
#pragma once

#include <string>

#include "vectors/export/export.h"

namespace dfp16 {

/// {"case":12,"op":"gemm","name":"...","params":{...},"inputs":{"a":{"type":"int16","shape":[3,2],"exponent":-3,"data":[...]}},
/// "outputs":{...}}: "exponent" where there is one; "layout" and the "sizes" of the array where one was asked for;
/// without `data`, no "data". FP32 numbers have the digits of their double, which give back every finite one;
/// infinities and NaN are strings of their bits.
std::string case_json(const ExportCase& exported, bool data);

}  // namespace dfp16
