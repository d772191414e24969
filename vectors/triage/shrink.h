// The smallest case that a kernel still gets wrong in the same way.
#pragma once

#include <cstdint>
#include <functional>

#include "vectors/triage/outcome.h"

namespace dfp16::triage {

struct ShrinkOptions {
    std::int64_t most_runs = 3000;  ///< of the kernel
    double most_seconds = 20.0;     ///< none begins later; only then does the result depend on the machine
    std::function<void(std::int64_t runs, std::int64_t elements)> progress;  ///< may be empty
};

struct Shrunken {
    Case smallest;    ///< outputs are golden's
    Outcome outcome;  ///< what the kernel makes of it
    std::int64_t runs = 0;
    bool complete = false;  ///< nothing smaller was left to try, within the options
};

/// `failure` is what the kernel made of `failing`, whose outputs are golden's. Sizes become smaller first (1, halves,
/// less by ever fewer, either end of the tensors kept), then values (zero, +-1, powers of two), exponents and the
/// numbers of the random stream. Every candidate is one that golden takes.
Shrunken shrink(const Case& failing, const Outcome& failure, Backend& kernel, Backend& golden,
                const ShrinkOptions& options);

/// The same, sizes only, until a case needs no more than so many products; complete says whether one was reached.
Shrunken shrink_to_products(const Case& failing, const Outcome& failure, std::int64_t products, Backend& kernel,
                            Backend& golden, const ShrinkOptions& options);

}  // namespace dfp16::triage
