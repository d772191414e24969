// The search for a smaller failing case: what is the best so far, and whether a candidate is better.
#pragma once

#include <chrono>
#include <cstdint>

#include "vectors/triage/shrink.h"

namespace dfp16::triage {

class Search {
public:
    /// All references must outlive it.
    Search(const Case& failing, const Outcome& failure, Backend& kernel, Backend& golden, const ShrinkOptions& options);

    const Case& best() const { return best_; }
    /// Whether the runs or the seconds are used up; then nothing is accepted.
    bool exhausted() const;
    /// Takes the candidate if golden takes it and the kernel fails on it in the same way.
    bool accept(Case candidate);
    /// Ends the search.
    Shrunken result(bool complete) { return {std::move(best_), std::move(outcome_), runs_, complete}; }

private:
    Backend& kernel_;
    Backend& golden_;
    const ShrinkOptions& options_;
    Case best_;
    Outcome outcome_;
    std::int64_t runs_ = 0;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Each tells whether anything became smaller.
/// Sizes, until none can become smaller or, with products > 0, the case needs no more products than that.
bool shrink_sizes(Search& search, std::int64_t products);
/// Elements, exponents, and the numbers of the random stream.
bool shrink_values(Search& search);

}  // namespace dfp16::triage
