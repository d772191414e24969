#pragma once

#include <cstdint>
#include <vector>

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

/// Runs body(task, overflow) for all tasks in parallel and merges what the oracle saw.
template <typename Body>
void for_each_task(GoldenContext& context, std::int64_t tasks, Body body) {
    std::vector<OverflowSummary> seen(static_cast<std::size_t>(context.pool.threads()));
    context.pool.parallel_for(
        tasks, [&](std::int64_t task, int thread) { body(task, seen[static_cast<std::size_t>(thread)]); });
    for (const auto& summary : seen) context.overflow.merge(summary);
}

}  // namespace dfp16
