// A tensor as a Verilog memory: words of lanes.
#pragma once

#include <cstdint>
#include <string>

#include "reference/interface/host_tensor.h"
#include "vectors/export/element_order.h"
#include "vectors/operands.h"

namespace dfp16 {

/// One memory of a bench. Element p of the order lies in word p / lanes, lane p % lanes; lane 0 is the lowest bits.
struct VerilogTensor {
    Operand operand;
    ElementOrder order;
    std::int64_t lanes = 1;

    int bits() const { return operand.type == ElementType::mantissa ? 16 : 32; }
    std::int64_t words() const { return (order.positions() + lanes - 1) / lanes; }
};

/// The text of a $readmemh file: a comment that says what it holds, then a word a line, the highest lane first. What
/// fills up blocks and the last word is 0.
std::string hex_text(const VerilogTensor& layout, const HostTensor& tensor);

}  // namespace dfp16
