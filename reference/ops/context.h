#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
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

/// Runs body(begin, end) for runs of at most `run` of `elements` elements in parallel. Of several errors, the one of
/// the first run is thrown: which element a message names does not depend on the threads.
template <typename Body>
void for_each_run(GoldenContext& context, std::size_t elements, std::size_t run, Body body) {
    const std::size_t runs = (elements + run - 1) / run;
    if (runs <= 1) return body(std::size_t{0}, elements);
    std::vector<std::exception_ptr> errors(runs);
    context.pool.parallel_for(static_cast<std::int64_t>(runs), [&](std::int64_t index, int) {
        const std::size_t begin = static_cast<std::size_t>(index) * run;
        try {
            body(begin, std::min(elements, begin + run));
        } catch (...) {
            errors[static_cast<std::size_t>(index)] = std::current_exception();
        }
    });
    for (const std::exception_ptr& error : errors) {
        if (error) std::rethrow_exception(error);
    }
}

/// Elements of a run where each costs little.
inline constexpr std::size_t kRun = std::size_t{1} << 16;

/// Runs body(plane) for all planes (or whatever else has a number) in parallel, with errors as above.
template <typename Body>
void for_each_plane(GoldenContext& context, std::size_t planes, Body body) {
    for_each_run(context, planes, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t plane = begin; plane < end; ++plane) body(plane);
    });
}

}  // namespace dfp16
