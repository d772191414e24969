// The fast path seen through the op interface.
#pragma once

#include <memory>

#include "fastpath/isa.h"
#include "reference/interface/backend.h"

namespace dfp16::fast {

/// Throws InputError if this CPU lacks the ISA. threads >= 1.
std::unique_ptr<Backend> make_backend(Isa isa, int threads);

}  // namespace dfp16::fast
