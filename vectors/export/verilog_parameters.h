// The params of a case as Verilog parameters.
#pragma once

#include <string>
#include <vector>

#include "vectors/case_header.h"

namespace dfp16 {

struct VerilogParameter {
    std::string name;     ///< "STRIDE_H"
    std::string type;     ///< "integer", "[31:0]", "[63:0]"
    std::string value;    ///< a literal
    std::string comment;  ///< what a code or bits stand for; may be empty
};

/// Every key of docs/vectors.md, in capitals: integers as they are; true and false as 1 and 0; names ("policy":
/// "chain") as their number in the list of docs/verilog.md; numbers as the bits of FP32; pairs as NAME_H, NAME_W; other
/// arrays as NAME_0, NAME_1, ...; seeds with 64 bits.
std::vector<VerilogParameter> verilog_parameters(const CaseHeader& header);

}  // namespace dfp16
