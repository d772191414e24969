// The tensors of each operation that golden files hold: names, axes, types, shapes, in the order of Operation.
#pragma once

#include <string>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/interface/shape.h"

namespace dfp16 {

struct Operand {
    std::string name;  ///< "x"
    std::string axes;  ///< names of its coordinates: "n,c,h,w"
    ElementType type = ElementType::mantissa;
    Shape shape;
    bool scaled = false;  ///< has an exponent: every INT16 tensor, and INT32 where a scale means something
};

struct Operands {
    std::vector<Operand> inputs;
    std::vector<Operand> outputs;
};

/// Throws InputError for parameters that the operation cannot have, for sizes beyond an index, and for an operation that
/// golden files do not hold.
Operands operands_of(OpKind op, const OpParams& params, const Shape& extent);

/// Whether params, as a case stores them, name the extent: "shape" of elementwise operations, "count" of instructions.
bool is_elementwise(OpKind op);
bool is_instruction(OpKind op);

}  // namespace dfp16
