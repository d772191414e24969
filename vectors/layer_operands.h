#pragma once

#include "vectors/operands.h"

namespace dfp16 {

/// The operands of the layers around sums of products: bias, ReLU, pooling, LRN, dropout, concat,
/// batch norm, softmax, SGD. Throws
/// InputError.
Operands layer_operands(const CaseHeader& header);

}  // namespace dfp16
