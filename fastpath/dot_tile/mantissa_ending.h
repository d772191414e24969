// The end of a dot tile that leaves mantissas, as machine code: from INT32 accumulators in registers to memory.
#pragma once

#include <xbyak/xbyak.h>

#include "fastpath/dot_tile/dot_tile.h"

namespace dfp16::fast {

/// Writes the code that turns accumulators into mantissas, in vectors of 16 lanes: ZMM register row * parts + part
/// holds the sums of a row, 0 to rows - 1, and of 16 lanes. At most 28 are in use; the others, k1, k2 and all
/// caller-saved general registers but r10, r11 and `arguments` are spent. `arguments` holds the address of
/// DotTileArguments, `rows_before` the rows of the call that were written before.
void write_mantissa_ending(Xbyak::CodeGenerator& code, int rows, int parts, const MantissaEnding& ending,
                           const Xbyak::Reg64& arguments, const Xbyak::Reg64& rows_before);

}  // namespace dfp16::fast
