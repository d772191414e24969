// One tensor of a stream: TYPE SHAPE EXPONENT and its elements.
#pragma once

#include "reference/interface/host_tensor.h"
#include "vectors/operands.h"
#include "vectors/stream/text_source.h"

namespace dfp16 {

/// Reads what follows the tensor's name, up to the end of the line but not that end. Type and shape are checked before
/// anything is allocated, and memory grows with the elements that are there. Throws InputError: what was found and
/// expected, without a place.
HostTensor read_tensor_text(TextReader& text, const Operand& operand);

}  // namespace dfp16
