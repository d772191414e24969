// A kernel of the zoo with one bug, or none, as a backend.
#pragma once

#include <memory>

#include "reference/interface/backend.h"
#include "vectors/mutants/bugs.h"

namespace dfp16::mutants {

/// name(): "mutant"; isa(): the bug's name, "correct" for Bug::none. prepare() throws UnsupportedOperation for a graph
/// with an operation that no kernel of the zoo does. The backend outlives its plans: kernels keep buffers from call to
/// call.
std::unique_ptr<Backend> make_mutant_backend(Bug bug);

}  // namespace dfp16::mutants
