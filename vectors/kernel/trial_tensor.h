// A tensor of a case as an entry of a library gets it, and how messages speak of its elements.
#pragma once

#include <cstdint>
#include <string>

#include "vectors/kernel/arena.h"
#include "vectors/kernel/layouts.h"
#include "vectors/operands.h"

namespace dfp16::kernel {

struct TrialTensor {
    Role role = Role::input;
    const Operand* operand = nullptr;
    Form dense;
    Form strided;  ///< of run_strided

    const Form& form(std::size_t run) const { return run == run_strided ? strided : dense; }
    /// "output y"
    std::string text() const;
    /// "output y at (n,k,p,q)=(0,1,2,3)"; index: of memory.
    std::string text_at(const Form& form, std::int64_t index) const;
};

/// " past the end of output y (1024 bytes)" and the like, with the distance. offset: in bytes from the first of the
/// tensor, below 0 or at least `bytes`.
std::string text_of_distance(const TrialTensor& tensor, std::ptrdiff_t offset, std::size_t bytes);

}  // namespace dfp16::kernel
