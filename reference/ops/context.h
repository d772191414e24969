#pragma once

#include "reference/interface/backend.h"
#include "reference/interface/thread_pool.h"
#include "sim/overflow_oracle.h"

namespace dfp16 {

/// What a golden operation gets beside its tensors. Tensors have been validated; outputs have their type and shape.
struct GoldenContext {
    ThreadPool& pool;
    RunContext run;
    OverflowSummary overflow;  ///< sums of products add what the oracle saw
};

}  // namespace dfp16
