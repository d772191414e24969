// The tensors of each operation that golden files hold: names, axes, types, shapes, in the order of Operation.
#pragma once

#include <string>
#include <vector>

#include "reference/interface/host_tensor.h"
#include "reference/interface/operation.h"
#include "reference/interface/shape.h"
#include "vectors/case_header.h"

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

/// The tensors of a case; an output with the name of an input is that tensor, updated in place. Throws InputError for
/// parameters that the operation cannot have, and for sizes beyond an index.
Operands operands_of(const CaseHeader& header);

bool is_instruction(OpKind op);
/// Whether the case's params hold "shape": for the elementwise operations, of all their tensors; fc: of x or dx (the
/// FC's input); bias, LRN, dropout, batch norm: of x or dy; concat: of y or dy, the whole; relu, softmax: of their
/// first input; sgd_update: of w.
bool has_shape(OpKind op);

}  // namespace dfp16
