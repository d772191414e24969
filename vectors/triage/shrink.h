// The smallest case that still fails.
#pragma once

#include <cstdint>
#include <functional>

#include "vectors/case.h"

namespace dfp16 {

struct ShrinkLimits {
    std::int64_t runs = 2000;  ///< of the kernel
    double seconds = 20;
};

/// Makes sizes smaller, then values zero and simple, as long as `fails` says so of the case; `fails` has to reject what
/// golden rejects. Deterministic, but for the limit of seconds. The outputs of the result are not set.
Case shrink(const Case& failed, const std::function<bool(const Case&)>& fails, const ShrinkLimits& limits);

}  // namespace dfp16
